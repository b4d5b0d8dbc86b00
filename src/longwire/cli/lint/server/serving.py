"""The language server itself, over standard input and output."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from longwire.cli.lint.server.actions import FIX_ALL, actions
from longwire.cli.lint.server.documents import Looked, look_at, path_of
from longwire.cli.lint.server.messages import diagnostics, hover
from longwire.lint.baseline import BaselineError
from longwire.lint.pyproject import FILE, SettingsError
from longwire.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longwire.lint.run import Options

_PAUSE: Final = 0.3
"""Seconds without a change before a document is looked at anew."""


class Documents:
    """The open documents, each looked at in the background when it changes.

    Args:
        server: Tells what is found.
        options: How to look.
    """

    def __init__(self, server: LanguageServer, options: Options) -> None:
        self._server = server
        self._options = options
        self._tasks: dict[str, asyncio.Task[Looked | None]] = {}
        self._one_at_a_time = asyncio.Lock()
        self._told: set[str] = set()

    def look(self, uri: str, *, after: float = 0.0) -> None:
        """Look at a document, unless it changes once more before."""
        before = self._tasks.get(uri)
        if before is not None:
            before.cancel()
        self._tasks[uri] = asyncio.create_task(self._look(uri, after))

    def look_at_all(self) -> None:
        """Look at all of them, as what holds for them has changed."""
        for uri in list(self._tasks):
            self.look(uri)

    def close(self, uri: str) -> None:
        """Forget a document, and what was told of it."""
        task = self._tasks.pop(uri, None)
        if task is not None:
            task.cancel()
        self._publish(uri, [])

    async def looked(self, uri: str) -> Looked | None:
        """What is known of the document as it is now; None, where nothing can be."""
        while uri in self._tasks:
            task = self._tasks[uri]
            await asyncio.wait([task])
            if not task.cancelled():
                return task.result()
        return None

    async def _look(self, uri: str, after: float) -> Looked | None:
        await asyncio.sleep(after)
        document = self._server.workspace.get_text_document(uri)
        path = path_of(uri, document.language_id or "")
        if path is None:
            return None
        async with self._one_at_a_time:
            try:
                looked = await asyncio.to_thread(look_at, path, document.source, self._options)
            except (SettingsError, BaselineError) as error:
                self._tell(str(error))
                self._publish(uri, [])
                return None
        for defect in looked.defects:
            self._tell(f"a defect of longwire: {defect.rule} failed in {path}: {defect.error}")
        codec = self._server.workspace.position_codec
        self._publish(uri, diagnostics(looked, codec), document.version)
        return looked

    def _publish(
        self, uri: str, found: Sequence[types.Diagnostic], version: int | None = None
    ) -> None:
        self._server.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(uri=uri, version=version, diagnostics=list(found))
        )

    def _tell(self, text: str) -> None:
        """Show something to the user, once."""
        if text not in self._told:
            self._told.add(text)
            self._server.window_show_message(
                types.ShowMessageParams(types.MessageType.Warning, f"longwire: {text}")
            )


def make_server(options: Options) -> LanguageServer:
    """A server that looks at documents as options say."""
    # Whole texts: pygls counts the lines of a change otherwise than editors do.
    server = LanguageServer(
        "longwire", __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full
    )
    documents = Documents(server, options)
    _add_documents(server, documents)
    _add_questions(server, documents)
    return server


def _add_documents(server: LanguageServer, documents: Documents) -> None:
    @server.feature(types.INITIALIZED)
    def initialized(_: types.InitializedParams) -> None:
        # Settings and baseline are those of the folder, as if the command were run there.
        root = server.workspace.root_path
        if root is not None and Path(root).is_dir():
            os.chdir(root)
        _watch_settings(server)

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: types.DidOpenTextDocumentParams) -> None:
        documents.look(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: types.DidChangeTextDocumentParams) -> None:
        documents.look(params.text_document.uri, after=_PAUSE)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def did_save(params: types.DidSaveTextDocumentParams) -> None:
        documents.look(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: types.DidCloseTextDocumentParams) -> None:
        documents.close(params.text_document.uri)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def did_change_watched_files(_: types.DidChangeWatchedFilesParams) -> None:
        documents.look_at_all()


def _watch_settings(server: LanguageServer) -> None:
    """Ask the editor to tell when settings change, if it can."""
    workspace = server.client_capabilities.workspace
    watches = None if workspace is None else workspace.did_change_watched_files
    if watches is None or not watches.dynamic_registration:
        return
    watcher = types.FileSystemWatcher(glob_pattern=f"**/{FILE}")
    server.client_register_capability(
        types.RegistrationParams(
            [
                types.Registration(
                    id="longwire-settings",
                    method=types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
                    register_options=types.DidChangeWatchedFilesRegistrationOptions([watcher]),
                )
            ]
        )
    )


def _add_questions(server: LanguageServer, documents: Documents) -> None:
    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def on_hover(params: types.HoverParams) -> types.Hover | None:
        looked = await documents.looked(params.text_document.uri)
        if looked is None:
            return None
        return hover(looked, params.position, server.workspace.position_codec)

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix, FIX_ALL]),
    )
    async def on_code_action(params: types.CodeActionParams) -> list[types.CodeAction]:
        uri = params.text_document.uri
        looked = await documents.looked(uri)
        if looked is None or not looked.findings:
            return []
        codec = server.workspace.position_codec
        return await asyncio.to_thread(
            actions, uri, looked, params.range, params.context.only, codec
        )


def serve(options: Options) -> int:
    """Serve an editor until it wants no more. Returns 0."""
    server = make_server(options)
    # What anything else prints must not get between the messages.
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as out:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        server.start_io(sys.stdin.buffer, out)
    return 0
