"""Which tasks fail without anybody hearing of it."""

from __future__ import annotations

import textwrap

from longwire.lint.python.attended import unattended
from longwire.lint.python.file import PythonFile


def known(source: str) -> PythonFile:
    return PythonFile(textwrap.dedent(source))


def names(source: str) -> set[str]:
    return {one.name for one in unattended(known(source))}


def test_a_task_that_nobody_awaits() -> None:
    """It is dropped, or kept for nothing but to be cancelled; a thread never tells."""
    assert names(
        """
        import asyncio, threading

        class Client:
            def start(self):
                self.task = asyncio.create_task(self.read())
                asyncio.create_task(self.beat())
                threading.Thread(target=self.work).start()
            def stop(self):
                if self.task and not self.task.done():
                    self.task.cancel()
            async def read(self): ...
            async def beat(self): ...
            def work(self): ...
        """
    ) == {"read", "beat", "work"}


def test_a_task_that_is_awaited_where_it_is_cancelled() -> None:
    """That is too late."""
    assert names(
        """
        import asyncio

        class Client:
            def start(self):
                self.task = asyncio.create_task(self.read())
            async def stop(self):
                self.task.cancel()
                await self.task
            async def read(self): ...
        """
    ) == {"read"}


def test_tasks_that_somebody_looks_after() -> None:
    """Awaited, gathered, in a group, or with a callback."""
    assert not names(
        """
        import asyncio

        async def read(): ...

        async def main():
            one = asyncio.create_task(read())
            await one
            two = asyncio.create_task(read())
            two.add_done_callback(print)
            tasks = [asyncio.create_task(read())]
            await asyncio.gather(asyncio.create_task(read()), *tasks)
            async with asyncio.TaskGroup() as group:
                group.create_task(read())
        """
    )
