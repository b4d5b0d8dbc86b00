"""The certificates of the proxy, in cells with TLS: from an authority that nobody else knows."""

from __future__ import annotations

import datetime as dt
import ssl
from typing import TYPE_CHECKING, Final, Self

import trustme

if TYPE_CHECKING:
    from pathlib import Path

_HOST: Final = "127.0.0.1"


class Certificates(ssl.SSLContext):
    """The context of a server whose certificate can run out while it serves.

    Connections that are open keep what they have; those that come see what there is then. No
    session can be taken up again, which would spare a client the look at the certificate.
    """

    _authority: trustme.CA

    @classmethod
    def issued(cls, authority: Path) -> Self:
        """One with a certificate that is good, of a new authority.

        Args:
            authority: The file for the authority's own certificate.
        """
        context = cls(ssl.PROTOCOL_TLS_SERVER)
        context.num_tickets = 0
        context._authority = trustme.CA()
        context._authority.cert_pem.write_to_path(authority)
        context.renew()
        return context

    def expire(self) -> None:
        """The certificate has run out an hour ago."""
        hour, day = dt.timedelta(hours=1), dt.timedelta(days=1)
        now = dt.datetime.now(tz=dt.UTC)
        expired = self._authority.issue_cert(_HOST, not_before=now - day, not_after=now - hour)
        expired.configure_cert(self)

    def renew(self) -> None:
        """It is good again."""
        self._authority.issue_cert(_HOST).configure_cert(self)


def trusting(authority: Path) -> dict[str, str]:
    """What tells OpenSSL, and so Python, and Node of an authority: variables of the environment."""
    return {"SSL_CERT_FILE": str(authority), "NODE_EXTRA_CA_CERTS": str(authority)}
