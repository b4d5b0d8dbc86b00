"""longwire and its peers: messages, pings, closes, openings; each peer in each of its roles."""

from __future__ import annotations

import asyncio
from signal import SIGKILL, SIGTERM
from typing import TYPE_CHECKING

import pytest

import longwire
from tests.interop.meeting import Terms, live_for_a_second, meet, named
from tests.interop.needs import need
from tests.interop.process import PeerProcess, new_id
from tests.interop.roster import SETTINGS

if TYPE_CHECKING:
    from tests.interop.conftest import Processes
    from tests.interop.roster import Setting

pytestmark = pytest.mark.timeout(700)  # a first build is part of it

DEADLINE = 60
LIMIT = 16 * 2**20
TEXTS = ("plain", "", "schöne Grüße, 世界 🦉", "\x00 and \u2028")
BINARIES = (b"plain", b"", bytes(range(256)) * 300)
REASON = "čao 🦉"

every_setting = pytest.mark.parametrize("setting", SETTINGS, ids=str)


@pytest.fixture
def peer(setting: Setting, processes: Processes) -> PeerProcess:
    return processes.of(setting.name)


@every_setting
async def test_echo(setting: Setting, peer: PeerProcess) -> None:
    """Text, unicode, binary, and empty messages of both kinds come back as they were sent."""
    async with asyncio.timeout(DEADLINE), meet(setting, peer, Terms()) as meeting:
        for data in (*TEXTS, *BINARIES):
            await meeting.ours.send(data)
            assert await meeting.ours.recv() == data


@every_setting
async def test_the_largest_message(setting: Setting, peer: PeerProcess) -> None:
    """A message of exactly the limit passes both ways."""
    terms = Terms(peer={"limit": LIMIT})
    data = bytes(range(256)) * (LIMIT // 256)
    async with asyncio.timeout(DEADLINE), meet(setting, peer, terms) as meeting:
        await meeting.ours.send(data)
        assert await meeting.ours.recv() == data


@pytest.mark.parametrize("setting", [one for one in SETTINGS if one.peer.bounded], ids=str)
async def test_a_message_over_the_limit_of_the_peer(setting: Setting, peer: PeerProcess) -> None:
    """The peer closes with 1009, and that is what we are told."""
    terms = Terms(peer={"limit": LIMIT}, max_message_bytes=2 * LIMIT)
    async with asyncio.timeout(DEADLINE), meet(setting, peer, terms) as meeting:
        await meeting.ours.send(bytes(LIMIT + 1))
        assert (await meeting.closure()).received_code == 1009


@every_setting
async def test_a_message_over_our_limit(setting: Setting, peer: PeerProcess) -> None:
    """We close with 1009, and that is what the peer is told."""
    terms = Terms(path="/big", query={"size": LIMIT + 1})
    async with asyncio.timeout(DEADLINE), meet(setting, peer, terms) as meeting:
        closure = await meeting.closure()
        assert (closure.end, closure.sent_code) == ("message-too-big", 1009)
        assert (await meeting.closed())[0] == 1009


@pytest.mark.parametrize("setting", [one for one in SETTINGS if one.peer.fragments], ids=str)
async def test_fragments(setting: Setting, peer: PeerProcess) -> None:
    """Messages that the peer sends in many fragments are whole again, cut in characters or not."""
    terms = Terms(path="/fragments", query={"size": 3})
    async with asyncio.timeout(DEADLINE), meet(setting, peer, terms) as meeting:
        for data in ("schöne Grüße, 世界 🦉", b"\x00\xff" * 500):
            await meeting.ours.send(data)
            assert await meeting.ours.recv() == data


@every_setting
async def test_our_ping(setting: Setting, peer: PeerProcess) -> None:
    """The peer answers our pings, between messages that come back in order."""
    async with asyncio.timeout(DEADLINE), meet(setting, peer, Terms()) as meeting:
        for number in range(3):
            await meeting.ours.send(str(number))
            assert await meeting.ours.ping() > 0
            assert await meeting.ours.recv() == str(number)


@pytest.mark.parametrize("setting", [one for one in SETTINGS if one.peer.pings], ids=str)
async def test_a_ping_of_the_peer(setting: Setting, peer: PeerProcess) -> None:
    """The peer's ping is answered, whatever we do: it says so once it has the pong."""
    async with asyncio.timeout(DEADLINE), meet(setting, peer, Terms(path="/ping")) as meeting:
        assert await meeting.ours.recv() == "pong"


@every_setting
async def test_the_peer_closes(setting: Setting, peer: PeerProcess) -> None:
    """Each code and reason that the peer closes with reaches us as it was sent."""
    for code in setting.peer.codes:
        query = {} if code is None else {"code": code, "reason": REASON}
        terms = Terms(path="/close", query=query)
        async with asyncio.timeout(DEADLINE), meet(setting, peer, terms) as meeting:
            closure = await meeting.closure()
        assert (closure.end, closure.by) == ("close-received", "peer")
        expected = (1005, "") if code is None else (code, REASON)
        assert (closure.received_code, closure.received_reason) == expected


@every_setting
async def test_we_close(setting: Setting, peer: PeerProcess) -> None:
    """Each code and reason that we close with reaches the peer as it was sent."""
    for code in (1000, 1001, 1008, 1011, 3000, 4999):
        async with asyncio.timeout(DEADLINE), meet(setting, peer, Terms()) as meeting:
            # The peer may be live before us, and what is not live yet ends without a word.
            await meeting.ours.send("live")
            assert await meeting.ours.recv() == "live"
            await meeting.ours.close(code, REASON)
            assert await meeting.closed() == (code, REASON)


@every_setting
async def test_subprotocols(setting: Setting, peer: PeerProcess) -> None:
    """Both sides know which of the offered subprotocols was chosen; none is no error for us."""
    cases = [(("c", "b"), "b"), (("c",), "")]
    if setting.peer.insists and not setting.peer_serves:
        cases.pop()
    for offered, chosen in cases:
        terms = Terms(subprotocols=offered, peer={"subprotocols": "a,b"})
        async with asyncio.timeout(DEADLINE), meet(setting, peer, terms) as meeting:
            assert meeting.opened["subprotocol"] == chosen
            if not setting.peer_serves:
                assert (meeting.ours.request.subprotocol or "") == chosen


@pytest.mark.parametrize("setting", [one for one in SETTINGS if one.peer_serves], ids=str)
async def test_the_peer_rejects(setting: Setting, peer: PeerProcess) -> None:
    """We are told with which status, and how long we were asked to wait."""
    port = await peer.listening({})
    for status in (401, 503):
        url = f"ws://127.0.0.1:{port}/reject?status={status}&retry_after=7&id={new_id()}"
        with pytest.raises(longwire.HandshakeRejected) as caught:
            async with (
                asyncio.timeout(DEADLINE),
                longwire.connect(url, isolate=setting.isolate, retry=None) as client,
            ):
                await client.recv()
        assert (caught.value.status, caught.value.retry_after) == (status, 7.0)


@pytest.mark.parametrize("setting", [one for one in SETTINGS if not one.peer_serves], ids=str)
async def test_we_reject(setting: Setting, peer: PeerProcess) -> None:
    """The peer is told our status, and how long it should wait."""

    async def nobody(link: longwire.Link) -> None:
        raise AssertionError

    for status in (401, 503):

        async def refuse(
            request: longwire.OpeningRequest, status: int = status
        ) -> longwire.Response:
            return longwire.Response(status, {"Retry-After": "7"}, "no")

        async with (
            asyncio.timeout(DEADLINE),
            longwire.serve(nobody, "127.0.0.1", 0, before_upgrade=refuse) as server,
        ):
            link = new_id()
            peer.order(do="connect", url=f"ws://127.0.0.1:{server.port}/echo?id={link}")
            told = await peer.told("rejected", link)
        seen = (told["status"], told["retry_after"])
        assert seen == ((str(status), "7") if setting.peer.sees_status else ("", ""))


@pytest.mark.parametrize("setting", [one for one in SETTINGS if one.peer_serves], ids=str)
async def test_the_serving_peer_is_killed(setting: Setting) -> None:
    """TCP ends without a close frame; that nobody listens any more proves why."""
    peer = PeerProcess(need(setting.peer.command))
    async with asyncio.timeout(DEADLINE):
        url = f"ws://127.0.0.1:{await peer.listening({})}/echo?id={new_id()}"
        retry = longwire.Retry(first=0.05, cap=0.2)
        async with longwire.connect(url, isolate=setting.isolate, retry=retry) as client:
            await live_for_a_second(client)
            peer.process.kill()
            await named(client, "deploy-restart")
            (interruption,) = client.interruptions
    peer.end()
    assert interruption.closure is not None
    assert interruption.closure.end in {"eof", "reset"}
    assert interruption.evidence.end == interruption.closure.end


@pytest.mark.parametrize("setting", [one for one in SETTINGS if not one.peer_serves], ids=str)
async def test_the_dialling_peer_is_killed(setting: Setting) -> None:
    """Our link ends at once, without a close frame, and says that it was ended from outside."""
    peer = PeerProcess(need(setting.peer.command))
    async with asyncio.timeout(DEADLINE), meet(setting, peer, Terms()) as meeting:
        await meeting.ours.send("live")
        assert await meeting.ours.recv() == "live"
        # The browser's driver kills the browser when it is asked to end.
        peer.process.send_signal(SIGTERM if setting.name == "chromium" else SIGKILL)
        closure = await meeting.closure()
    peer.end()
    assert closure.end in {"eof", "reset"}
    assert (closure.received_code, closure.by in {"peer", "unknown"}) == (None, True)
