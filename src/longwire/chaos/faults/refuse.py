"""Nobody listens."""

from __future__ import annotations

from dataclasses import dataclass

from longwire.chaos.fault import Fault


@dataclass(kw_only=True)
class Refuse(Fault):
    """Stop listening: who connects is refused by the system. Connections that are open live on.

    What happens between the end of an old process and the start of the new one. With ``lasting``
    the proxy listens again afterwards, at the same port.
    """

    reproduces = ("deploy-restart", "reconnect-gives-up", "reconnect-storm", "connection-leak")
    scope = "proxy"

    def begins(self) -> None:
        """Close the listening socket."""
        self.proxy.refuse()

    def ends(self) -> None:
        """Listen again."""
        self.proxy.accept_again()
