"""What the commands print holds no secret of the user's, wherever the secret was given."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from longwire.cli import main
from longwire.testing import FeedThread, NumberedFeed, openings

if TYPE_CHECKING:
    from collections.abc import Callable

    Serving = Callable[..., Any]

# Printing is what a command does, in its event loop too.
pytestmark = pytest.mark.blocking

SECRET = "S3CRET"
HEADER = ["--header", f"Authorization: Bearer {SECRET}"]
SUBSCRIBE = ["--subscribe", json.dumps({"key": SECRET})]


def secretive(url: str) -> str:
    """The address with a secret wherever one may be."""
    return url.replace("ws://", f"ws://user:{SECRET}@") + f"?token={SECRET}&{SECRET}"


def listening(url: str) -> list[list[str]]:
    """Ways to listen there."""
    command = ["listen", url, *HEADER, *SUBSCRIBE, "--for", "0.5"]
    stats = ["--stats", "--every", "0.1"]
    return [command, [*command, "--json", *stats], [*command, "--inline", *stats]]


def sending(url: str) -> list[list[str]]:
    """Ways to send there."""
    command = ["send", url, json.dumps({"key": SECRET}), *HEADER, "--expect", "2"]
    return [[*command, "--timeout", "0.2"], [*command, "--timeout", "0.2", "--json"]]


async def interrupt(link: Any) -> None:
    """Numbers with a gap, and an end that is worth a report."""
    await link.recv()
    for number in (1, 2, 5):
        await link.send(json.dumps({"seq": number}))
    await link.close(1011, "broken")


def test_where_links_are_interrupted(serving: Serving, capsys: pytest.CaptureFixture[str]) -> None:
    """Messages, interruptions, gaps, statistics and ends; in text and as JSON."""
    server = serving(interrupt)
    for command in (*listening(secretive(server.url)), *sending(secretive(server.url))):
        main([*command, "--number", "seq"] if command[0] == "listen" else command)
    check(capsys)


def test_where_nothing_listens(unused_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Attempts that fail, and giving up."""
    for command in (*listening(secretive(unused_url)), *sending(secretive(unused_url))):
        assert main(command) == 3
    check(capsys)


@pytest.mark.parametrize("answer", ["rejection", "redirect"])
def test_where_the_opening_is_refused(answer: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An HTTP status, and a redirect that names secrets of its own."""
    target = {"Location": f"https://u:{SECRET}@other.example:x/?t={SECRET}"}
    opening = openings.reject(401) if answer == "rejection" else openings.reject(302, target)
    with FeedThread(lambda: NumberedFeed(opening=opening)) as feed:
        for command in (*listening(secretive(feed.url)), *sending(secretive(feed.url))):
            assert main(command) == 3
    check(capsys)


def test_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """An address that is none is not repeated with its secrets."""
    for url in (f"http://u:{SECRET}@h/?t={SECRET}", f"ws://u:{SECRET}@h:x/", f"ws:u:{SECRET}@h"):
        for command in (*listening(url), *sending(url)):
            assert main(command) == 2
    check(capsys)


def check(capsys: pytest.CaptureFixture[str]) -> None:
    """Something was printed, and no secret in it."""
    output = capsys.readouterr()
    assert output.err
    assert [line for line in (output.out + output.err).splitlines() if SECRET in line] == []
