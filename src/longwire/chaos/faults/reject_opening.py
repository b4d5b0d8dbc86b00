"""The opening is answered with an HTTP status."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from longwire.chaos import opening
from longwire.chaos.bounds import at_least, between, header_value
from longwire.chaos.fault import Fault

if TYPE_CHECKING:
    from longwire.chaos.opening import RequestHead


@dataclass(kw_only=True)
class RejectOpening(Fault):
    """Answer the opening request with an HTTP status in place of 101. The server is not asked.

    401 and 403: a token that has run out; 404: a path that is gone; 407: a proxy nobody had thought
    of; 429: too many attempts; 500, 502, 503: a server that is not there yet; 302: it is somewhere
    else; 511: an interceptor that wants a login first.

    Attributes:
        status: The status, 200 to 599.
        retry_after: Seconds for the field ``Retry-After``; 0: it is not sent.
        location: Where to, for a redirect.
        body: What the answer says.
    """

    reproduces = (
        "reconnect-gives-up",
        "auth-expired",
        "provider-quota-violation",
        "deploy-restart",
        "reconnect-storm",
        "connection-leak",
        "proxy-env-surprise",
        "middlebox-interference",
    )
    scope = "proxy"

    status: int = 503
    retry_after: int = 0
    location: str = ""
    body: str = ""

    def __post_init__(self) -> None:
        between(200, 599, status=self.status)
        at_least(0, retry_after=self.retry_after)
        header_value(location=self.location)

    def answer(self, request: RequestHead) -> bytes | None:
        """The status."""
        fields = {}
        if self.retry_after:
            fields["Retry-After"] = str(self.retry_after)
        if self.location:
            fields["Location"] = self.location
        return opening.answer(self.status, fields, self.body)
