"""The language server as an editor runs it: a process, and messages over its pipes."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SLEEPS = "import time, websockets\n\nasync def f(ws):\n    time.sleep(1)\n"
PATIENCE = 15


class Editor:
    """Speaks to a server.

    Args:
        root: The folder that is open.
        words: Options of the command.
    """

    def __init__(self, root: Path, *words: str) -> None:
        self.root = root
        self.process = subprocess.Popen(
            [sys.executable, "-m", "longwire", "lint", "--lsp", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd="/" if os.name == "posix" else None,
        )
        self._inbox: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        self._asked = 0
        self.notices: list[dict[str, Any]] = []

    def _read(self) -> None:
        out = self.process.stdout
        assert out is not None
        while line := out.readline():
            length = int(line.split(b":")[1])
            while out.readline().strip():
                pass
            self._inbox.put(json.loads(out.read(length)))
        self._inbox.put(None)

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self.process.stdin.flush()

    def tell(self, method: str, **params: Any) -> None:
        self._send({"method": method, "params": params})

    def ask(self, method: str, **params: Any) -> Any:
        self._asked += 1
        self._send({"id": self._asked, "method": method, "params": params or None})
        while True:
            message = self._inbox.get(timeout=PATIENCE)
            assert message is not None, "the server has ended"
            if message.get("id") == self._asked and "method" not in message:
                assert "error" not in message, message
                return message["result"]
            self.notices.append(message)

    def wait_for(self, method: str) -> Any:
        """The next message of a kind, of those that have not been looked at yet."""
        while True:
            for number, one in enumerate(self.notices):
                if one.get("method") == method:
                    del self.notices[number]
                    return one["params"]
            message = self._inbox.get(timeout=PATIENCE)
            assert message is not None, "the server has ended"
            self.notices.append(message)

    def begin(self, **capabilities: Any) -> Any:
        result = self.ask(
            "initialize", processId=None, rootUri=self.root.as_uri(), capabilities=capabilities
        )
        self.tell("initialized")
        return result

    def uri(self, name: str) -> str:
        return (self.root / name).as_uri()

    def open(self, name: str, text: str, language: str = "python", version: int = 1) -> None:
        document = {"uri": self.uri(name), "languageId": language, "version": version, "text": text}
        self.tell("textDocument/didOpen", textDocument=document)

    def change(self, name: str, text: str, version: int) -> None:
        self.tell(
            "textDocument/didChange",
            textDocument={"uri": self.uri(name), "version": version},
            contentChanges=[{"text": text}],
        )

    def found(self, name: str) -> tuple[int | None, list[str]]:
        """What is told next of a document: of which version, and the ids of rules."""
        told = self.wait_for("textDocument/publishDiagnostics")
        assert told["uri"] == self.uri(name)
        return told.get("version"), [one["code"] for one in told["diagnostics"]]

    def end(self) -> int:
        assert self.ask("shutdown") is None
        self.tell("exit")
        code = self.process.wait(PATIENCE)
        self._thread.join(PATIENCE)
        return code

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        self._thread.join(PATIENCE)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Editor]:
    """An editor with a folder of its own."""
    editor = Editor(tmp_path)
    yield editor
    editor.close()


def test_a_session(editor: Editor) -> None:
    """Open, change, save, ask, close; the server ends when it is told to, and prints nothing."""
    can = editor.begin()["capabilities"]
    assert can["codeActionProvider"]["codeActionKinds"] == ["quickfix", "source.fixAll.longwire"]
    editor.open("feed.py", SLEEPS)
    assert editor.found("feed.py") == (1, ["LW111"])
    place = {"line": 3, "character": 6}
    document = {"uri": editor.uri("feed.py")}
    manual = editor.ask("textDocument/hover", textDocument=document, position=place)
    assert manual["contents"]["value"].startswith("**LW111 blocking-sleep**")
    offered = editor.ask(
        "textDocument/codeAction",
        textDocument=document,
        range={"start": place, "end": place},
        context={"diagnostics": [], "only": ["quickfix"]},
    )
    assert [one["title"] for one in offered] == [
        "Await asyncio.sleep instead (LW111)",
        "Ignore LW111 on this line",
    ]
    (edit,) = offered[1]["edit"]["changes"][editor.uri("feed.py")]
    assert edit["newText"] == "    time.sleep(1)  # longwire: ignore[LW111]\n"
    editor.change("feed.py", "import asyncio\n" + SLEEPS.replace("time.s", "await asyncio.s"), 2)
    assert editor.found("feed.py") == (2, [])
    editor.change("feed.py", SLEEPS, 3)
    editor.tell("textDocument/didSave", textDocument=document)
    assert editor.found("feed.py") == (3, ["LW111"])
    editor.tell("textDocument/didClose", textDocument=document)
    assert editor.found("feed.py") == (None, [])
    assert editor.ask("textDocument/hover", textDocument=document, position=place) is None
    assert editor.end() == 0
    assert editor.process.stderr is not None
    assert editor.process.stderr.read() == b""


def test_typing(editor: Editor) -> None:
    """Of many changes in a row only the last one is looked at."""
    editor.begin()
    editor.open("feed.py", SLEEPS)
    assert editor.found("feed.py") == (1, ["LW111"])
    for version in range(2, 30):
        editor.change("feed.py", f"{SLEEPS}\nx = {version}\n", version)
    assert editor.found("feed.py") == (29, ["LW111"])
    editor.ask(
        "textDocument/hover",
        textDocument={"uri": editor.uri("feed.py")},
        position={"line": 0, "character": 0},
    )
    assert editor.notices == []


def test_what_is_no_program(editor: Editor) -> None:
    """Is read by nobody; what is not saved yet, and what cannot be parsed, is."""
    editor.begin()
    editor.open("pyproject.toml", "x", "toml")
    editor.open("new.py", f"{SLEEPS}(")
    assert editor.found("new.py") == (1, ["LW000"])
    editor.change("new.py", f"# coding: ut\n{SLEEPS}", 2)
    assert editor.found("new.py") == (2, ["LW000"])
    editor.open("lib.rs", "fn main() {}", "rust")
    assert editor.found("lib.rs") == (1, [])


def test_settings(editor: Editor) -> None:
    """Are those of the folder; the editor tells when they change, and errors are shown once."""
    settings = editor.root / "pyproject.toml"
    settings.write_text("[tool.longwire.lint]\nignore = ['LW111']\n")
    editor.begin(workspace={"didChangeWatchedFiles": {"dynamicRegistration": True}})
    watched = editor.wait_for("client/registerCapability")["registrations"][0]
    assert watched["registerOptions"]["watchers"] == [{"globPattern": "**/pyproject.toml"}]
    editor.open("feed.py", SLEEPS)
    assert editor.found("feed.py") == (1, [])
    settings.write_text("[tool.longwire.lint]\nselect = 1\n")
    for _ in range(2):
        editor.tell("workspace/didChangeWatchedFiles", changes=[])
        assert editor.found("feed.py") == (None, [])
    shown = editor.wait_for("window/showMessage")
    assert "select" in shown["message"]
    settings.unlink()
    editor.tell("workspace/didChangeWatchedFiles", changes=[])
    assert editor.found("feed.py") == (1, ["LW111"])
    assert editor.notices == []


def test_options(tmp_path: Path) -> None:
    """Those of the command hold for every document."""
    editor = Editor(tmp_path, "--ignore", "LW111")
    try:
        editor.begin()
        editor.open("feed.py", SLEEPS)
        assert editor.found("feed.py") == (1, [])
    finally:
        editor.close()


def test_an_editor_that_is_gone(editor: Editor) -> None:
    """The server ends with it."""
    editor.begin()
    editor.open("feed.py", SLEEPS)
    assert editor.process.stdin is not None
    editor.process.stdin.close()
    assert editor.process.wait(PATIENCE) == 0


def test_without_pygls(tmp_path: Path) -> None:
    """It is told which extra brings it."""
    (tmp_path / "pygls.py").write_text("raise ModuleNotFoundError(name='pygls')")
    (tmp_path / "lsprotocol.py").write_text("raise ModuleNotFoundError(name='lsprotocol')")
    path = f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    run = subprocess.run(
        [sys.executable, "-m", "longwire", "lint", "--lsp"],
        env={**os.environ, "PYTHONPATH": path},
        input=b"",
        capture_output=True,
        check=False,
    )
    assert run.returncode == 2
    assert b"install longwire[lsp]" in run.stderr
