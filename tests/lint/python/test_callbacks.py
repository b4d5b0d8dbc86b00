"""What is handed to websocket-client."""

from __future__ import annotations

import textwrap

from longwire.lint.python.callbacks import callbacks
from longwire.lint.python.file import PythonFile


def known(source: str) -> PythonFile:
    return PythonFile(textwrap.dedent(source))


def test_callbacks_are_handed_over_in_several_ways() -> None:
    """By keyword, as an attribute later, and by a class that is an app itself."""
    file = known(
        """
        import websocket

        def opened(ws): ...
        def closed(ws, status, reason): ...

        class App(websocket.WebSocketApp):
            def __init__(self, url):
                super().__init__(url, on_error=self.failed)
            def failed(self, ws, error): ...

        app = websocket.WebSocketApp("wss://a", on_open=opened, header={})
        app.on_close = closed
        app.on_something = opened
        """
    )
    found = [(one.name, one.function(file.meanings)) for one in callbacks(file.meanings)]
    assert [(name, one and one.name) for name, one in found] == [
        ("on_error", "failed"),
        ("on_open", "opened"),
        ("on_close", "closed"),
    ]


def test_others_that_take_callbacks_are_no_apps() -> None:
    """Nor is a class that calls the constructor of something else."""
    file = known(
        """
        from elsewhere import App

        class Mine(App):
            def __init__(self):
                super().__init__(on_open=print)

        App(on_close=print)
        """
    )
    assert not list(callbacks(file.meanings))
