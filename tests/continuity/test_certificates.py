"""A certificate that runs out while its server serves, from an authority of its own."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING

import pytest

from scoreboard.__main__ import run
from scoreboard.cells import CELLS
from scoreboard.certificates import Certificates, trusting
from scoreboard.roster import CLIENTS

if TYPE_CHECKING:
    from pathlib import Path


async def test_it_runs_out_and_is_renewed(tmp_path: Path) -> None:
    """Who comes sees what there is then, also where it had been before."""
    authority = tmp_path / "authority.pem"
    certificates = Certificates.issued(authority)
    client = ssl.create_default_context(cafile=str(authority))

    async def attend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.read(1))
        writer.close()

    async def visit(port: int) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client)
        writer.write(b"!")
        answer = await reader.read(1)
        writer.close()
        return answer

    server = await asyncio.start_server(attend, "127.0.0.1", 0, ssl=certificates)
    port = server.sockets[0].getsockname()[1]
    async with server:
        assert await visit(port) == b"!"
        certificates.expire()
        with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
            await visit(port)
        certificates.renew()
        assert await visit(port) == b"!"


def test_who_is_told_of_the_authority(tmp_path: Path) -> None:
    """OpenSSL and Node, each by its own variable."""
    variables = trusting(tmp_path / "authority.pem")
    assert set(variables.values()) == {str(tmp_path / "authority.pem")}
    assert set(variables) == {"SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"}


async def test_who_has_no_tls_is_left_out() -> None:
    """It is not played there, and the report says why."""
    results = await run([CELLS["tls-expiry"]], [CLIENTS["tokio-tungstenite"]], 1, at_once=1)
    assert results.results == []
    assert results.failed == {
        "tokio-tungstenite / tls-expiry": "its program is built without TLS",
    }
