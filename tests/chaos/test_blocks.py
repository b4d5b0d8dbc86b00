"""Blocks: whole or not at all, wherever a file was cut off."""

from __future__ import annotations

import gzip
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwire.chaos.blocks import BLOCK_BYTES, Block, BlockFile, DamagedError, read_blocks

LINES = st.lists(st.binary(max_size=200).map(lambda line: line.replace(b"\n", b"")), max_size=8)


def written(*batches: list[bytes]) -> bytes:
    """The bytes of a file that these lines were written to, one batch after the other."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "blocks"
        file = BlockFile(path)
        for batch in batches:
            file.write(batch)
        file.close()
        content = path.read_bytes()
        assert file.bytes == len(content)
        return content


@given(st.lists(LINES, max_size=4))
def test_what_is_written_is_read(batches: list[list[bytes]]) -> None:
    """All lines come back in order; and the file is gzip, for others to read."""
    content = written(*batches)
    expected = b"".join(line + b"\n" for batch in batches for line in batch)
    blocks = list(read_blocks(io.BytesIO(content)))
    assert b"".join(block.lines for block in blocks) == expected
    assert gzip.decompress(content) == expected
    assert len(blocks) == sum(1 for batch in batches if batch)


@given(st.lists(LINES.filter(bool), min_size=1, max_size=4), st.data())
def test_a_cut_costs_the_last_block_only(batches: list[list[bytes]], data: st.DataObject) -> None:
    """What stands before the block that was cut is read, and it is said where that begins."""
    content = written(*batches)
    cut = data.draw(st.integers(0, len(content)))
    whole = list(read_blocks(io.BytesIO(content)))
    borders = [block.offset for block in whole] + [len(content)]
    read, damage = read_as_far_as_possible(content[:cut])
    assert read == [block for block, end in zip(whole, borders[1:], strict=True) if end <= cut]
    if cut in borders:
        assert damage is None
    else:
        assert damage is not None
        assert damage.truncated
        assert damage.offset == borders[len(read)]


def read_as_far_as_possible(content: bytes) -> tuple[list[Block], DamagedError | None]:
    read: list[Block] = []
    try:
        read.extend(read_blocks(io.BytesIO(content)))
    except DamagedError as error:
        return read, error
    return read, None


def test_each_block_can_be_read_alone() -> None:
    """Reading may begin at any block's offset."""
    content = written([b"one"], [b"two"], [b"three"])
    blocks = list(read_blocks(io.BytesIO(content)))
    file = io.BytesIO(content)
    file.seek(blocks[1].offset)
    assert list(read_blocks(file)) == blocks[1:]


def test_many_lines_are_several_blocks() -> None:
    """No block has more than its size and one line, however much is written at once."""
    line = bytes(1000).replace(b"\0", b"x")
    blocks = list(read_blocks(io.BytesIO(written([line] * 200))))
    assert len(blocks) > 2
    assert max(len(block.lines) for block in blocks) < BLOCK_BYTES + 1001


def test_damage_within_is_told_from_a_cut() -> None:
    """Where a block should begin there is something else."""
    content = written([b"one"]) + b"something else, and much of it"
    blocks = read_blocks(io.BytesIO(content))
    assert next(blocks).lines == b"one\n"
    with pytest.raises(DamagedError) as caught:
        next(blocks)
    assert not caught.value.truncated


def test_a_bomb_does_not_go_off() -> None:
    """A member that inflates to more than we ever write is refused."""
    with pytest.raises(DamagedError):
        list(read_blocks(io.BytesIO(gzip.compress(bytes(2**25)))))


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    """The file is its owner's, whatever the umask says."""
    BlockFile(tmp_path / "blocks").close()
    assert (tmp_path / "blocks").stat().st_mode & 0o777 == 0o600


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """What is there is there to stay."""
    (tmp_path / "blocks").write_text("precious")
    with pytest.raises(FileExistsError):
        BlockFile(tmp_path / "blocks")
    assert (tmp_path / "blocks").read_text() == "precious"


def test_nothing_is_written_once_closed(tmp_path: Path) -> None:
    """A thread that is late does no harm, and closing twice neither."""
    file = BlockFile(tmp_path / "blocks")
    file.close()
    file.close()
    file.write([b"late"])
    assert (tmp_path / "blocks").read_bytes() == b""
