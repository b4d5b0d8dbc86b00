"""The coverage matrix is made of what is declared, and of what can be judged."""

from __future__ import annotations

import subprocess
import sys

import pytest

from longwire.core.causes import CATALOGUE, UnknownCause, instruments
from longwire.core.causes.classify import nameable
from longwire.core.causes.instruments import INSTRUMENTS, leave_out, left_out, matrix, register


@pytest.fixture(autouse=True)
def nothing_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test starts with a registry of its own."""
    monkeypatch.setattr(instruments, "_declared", {})
    monkeypatch.setattr(instruments, "_left_out", {})


def test_every_cause_has_a_cell_for_every_instrument() -> None:
    """In the order of the catalogue and of the instruments."""
    made = matrix()
    assert list(made) == list(CATALOGUE)
    assert all(tuple(cells) == INSTRUMENTS for cells in made.values())
    assert INSTRUMENTS == ("client", "hub", "doctor", "lint", "chaos")


def test_what_the_client_names_is_read_from_the_judges() -> None:
    """No list to forget: a cause has the cell exactly if a judge can name it."""
    named = {cause_id for cause_id, cells in matrix().items() if "names" in cells["client"]}
    assert named == nameable()


def test_declared_names_appear_in_their_cell() -> None:
    """In the order of declaration, each once."""
    register("lint", "busy-poll-loop", "swallowed-exception", by="LW101")
    register("lint", "busy-poll-loop", by="LW102")
    register("lint", "busy-poll-loop", by="LW101")
    made = matrix()
    assert made["busy-poll-loop"]["lint"] == ("LW101", "LW102")
    assert made["swallowed-exception"]["lint"] == ("LW101",)
    assert made["busy-poll-loop"]["chaos"] == ()


def test_the_client_may_declare_more_than_it_names() -> None:
    """Preventing is covering, too; naming comes first."""
    register("client", "zombie-stream", "keepalive-off", by="prevents")
    register("client", "zombie-stream", by="names")
    made = matrix()
    assert made["zombie-stream"]["client"] == ("names", "prevents")
    assert made["keepalive-off"]["client"] == ("prevents",)


def test_an_unknown_cause_is_an_error() -> None:
    """A misspelled declaration is found by whoever asks for the matrix."""
    register("doctor", "zombi-stream", by="D29")
    with pytest.raises(UnknownCause, match="zombi-stream"):
        matrix()


def test_an_unknown_instrument_is_an_error() -> None:
    """It is found at once."""
    with pytest.raises(ValueError, match="no instrument 'docter'"):
        register("docter", "zombie-stream", by="D29")  # type: ignore[arg-type]  # the misspelling


def test_the_matrix_cannot_be_changed() -> None:
    """It is an answer, not the registry."""
    with pytest.raises(TypeError):
        matrix()["zombie-stream"] = {}  # type: ignore[index]  # the very thing under test


def test_declaring_does_not_load_the_catalogue() -> None:
    """Instruments declare themselves at import, which must stay cheap."""
    program = (
        "from longwire.core.causes import catalogue\n"
        "from longwire.core.causes.instruments import register\n"
        "register('chaos', 'zombie-stream', by='mute')\n"
        "assert catalogue._entries.cache_info().currsize == 0\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_an_instrument_may_say_why_it_leaves_a_cause_out() -> None:
    """A person who asks for the cause is told; the cell of the matrix stays empty."""
    leave_out("chaos", "stale-dns", "clock-jump", because="it happens on the client's machine")
    assert left_out("stale-dns") == {"chaos": "it happens on the client's machine"}
    assert left_out("zombie-stream") == {}
    assert matrix()["stale-dns"]["chaos"] == ()


def test_what_is_left_out_must_be_known() -> None:
    """Causes and instruments."""
    with pytest.raises(ValueError, match="no instrument 'chaoss'"):
        leave_out("chaoss", "stale-dns", because="x")  # type: ignore[arg-type]
    leave_out("chaos", "stale-dn", because="x")
    with pytest.raises(UnknownCause, match="stale-dn"):
        left_out("zombie-stream")
