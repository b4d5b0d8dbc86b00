"""A message is lost with all its frames or with none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from hypothesis import given
from hypothesis import strategies as st

from longwire.chaos.frames import BINARY, CLOSE, CONT, PING, PONG, TEXT, Frame, make_frame
from longwire.chaos.losing import LosesMessages

if TYPE_CHECKING:
    from longwire.chaos.lane import Lane

NOWHERE = cast("Lane", None)


@dataclass(kw_only=True)
class LosesText(LosesMessages):
    """Loses what it is told to."""

    now: bool = True

    def loses(self) -> bool:
        return self.now


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 4)), max_size=8), st.data())
def test_whatever_changes_between_two_frames(
    messages: list[tuple[bool, int]], data: st.DataObject
) -> None:
    """Only what is said when a message begins counts; control frames pass at any time."""
    fault = LosesText()
    passed: list[Frame] = []
    expected: list[Frame] = []
    for lost, fragments in messages:
        for place in range(fragments):
            fault.now = lost if place == 0 else data.draw(st.booleans())
            first = data.draw(st.sampled_from([TEXT, BINARY]))
            one = make_frame(CONT if place else first, b"x", fin=place == fragments - 1)
            control = make_frame(data.draw(st.sampled_from([PING, PONG, CLOSE])))
            if data.draw(st.booleans()):
                passed += [one] if fault.large(one, 1, NOWHERE) else []
            else:
                passed += fault.frame(one, NOWHERE)
            passed += fault.frame(control, NOWHERE)
            expected += [control] if lost else [one, control]
    assert passed == expected


def test_a_message_that_had_begun_before_passes() -> None:
    """Its first frame was not seen, so what follows is not lost."""
    rest = make_frame(CONT, b"rest")
    assert list(LosesText().frame(rest, NOWHERE)) == [rest]
