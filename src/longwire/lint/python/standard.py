"""What is known of the standard library, and of what programs around WebSockets use beside it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from longwire.lint.python.roles import Known, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def _all(names: Iterable[str], known: Known) -> dict[str, Known]:
    return dict.fromkeys(names, known)


_HTTP_VERBS: Final = ("get", "post", "put", "delete", "patch", "head", "options", "request", "send")

FUNCTIONS: Final[Mapping[str, Known]] = MappingProxyType(
    {
        "time.sleep": Known(Role.BLOCK | Role.PAUSE),
        "input": Known(Role.BLOCK),
        **_all(
            (f"{package}.{verb}" for package in ("requests", "httpx") for verb in _HTTP_VERBS),
            Known(Role.BLOCK),
        ),
        "httpx.stream": Known(Role.BLOCK),
        "urllib.request.urlopen": Known(Role.BLOCK),
        "urllib.request.urlretrieve": Known(Role.BLOCK),
        "urllib3.request": Known(Role.BLOCK),
        "openai.ChatCompletion.create": Known(Role.BLOCK),
        "openai.Completion.create": Known(Role.BLOCK),
        "openai.chat.completions.create": Known(Role.BLOCK),
        "urllib3.PoolManager": Known(gives="requests.session"),
        "http.client.HTTPConnection": Known(gives="http.client"),
        "http.client.HTTPSConnection": Known(gives="http.client"),
        # Software development kits whose every call is a request; their other half is awaited.
        **_all(
            (
                "openai.OpenAI",
                "openai.AzureOpenAI",
                "anthropic.Anthropic",
                "groq.Groq",
                "mistralai.Mistral",
                "cohere.Client",
                "google.genai.Client",
                "boto3.client",
                "boto3.resource",
                "elevenlabs.ElevenLabs",
            ),
            Known(gives="sdk"),
        ),
        **_all(
            (
                f"subprocess.{name}"
                for name in (
                    "run",
                    "call",
                    "check_call",
                    "check_output",
                    "getoutput",
                    "getstatusoutput",
                )
            ),
            Known(Role.BLOCK),
        ),
        "os.system": Known(Role.BLOCK),
        "socket.create_connection": Known(Role.BLOCK, "socket"),
        "socket.getaddrinfo": Known(Role.BLOCK),
        "socket.gethostbyname": Known(Role.BLOCK),
        "asyncio.run": Known(Role.BLOCK),
        "requests.Session": Known(gives="requests.session"),
        "requests.session": Known(gives="requests.session"),
        "httpx.Client": Known(gives="requests.session"),
        "httpx.AsyncClient": Known(gives="httpx.async"),
        # -- tasks ----------------------------------------------------------------------------
        "asyncio.create_task": Known(Role.SPAWN, "asyncio.task"),
        "asyncio.ensure_future": Known(Role.SPAWN, "asyncio.task"),
        "asyncio.async": Known(Role.SPAWN, "asyncio.task"),
        "asyncio.Task": Known(Role.SPAWN, "asyncio.task"),
        "asyncio.run_coroutine_threadsafe": Known(Role.SPAWN, "future"),
        "asyncio.TaskGroup": Known(gives="asyncio.group"),
        "anyio.create_task_group": Known(gives="asyncio.group"),
        "trio.open_nursery": Known(gives="asyncio.group"),
        "asyncio.get_event_loop": Known(gives="asyncio.loop"),
        "asyncio.get_running_loop": Known(gives="asyncio.loop"),
        "asyncio.new_event_loop": Known(gives="asyncio.loop"),
        "asyncio.gather": Known(Role.GATHER | Role.PAUSE, waits=True),
        "asyncio.wait": Known(Role.GATHER | Role.PAUSE, waits=True),
        "asyncio.as_completed": Known(Role.GATHER),
        "asyncio.wait_for": Known(Role.LIMIT, waits=True),
        "asyncio.timeout": Known(Role.LIMIT),
        "asyncio.timeout_at": Known(Role.LIMIT),
        "async_timeout.timeout": Known(Role.LIMIT),
        "anyio.fail_after": Known(Role.LIMIT),
        "anyio.move_on_after": Known(Role.LIMIT),
        "trio.fail_after": Known(Role.LIMIT),
        "trio.move_on_after": Known(Role.LIMIT),
        "asyncio.shield": Known(),
        "asyncio.sleep": Known(Role.PAUSE, waits=True),
        "trio.sleep": Known(Role.PAUSE, waits=True),
        "anyio.sleep": Known(Role.PAUSE, waits=True),
        "asyncio.to_thread": Known(Role.THREAD | Role.PAUSE, waits=True),
        "anyio.to_thread.run_sync": Known(Role.THREAD | Role.PAUSE, waits=True),
        "starlette.run_in_threadpool": Known(Role.THREAD | Role.PAUSE, waits=True),
        "threading.Thread": Known(Role.THREAD, "thread"),
        "threading.Timer": Known(Role.THREAD, "thread"),
        "multiprocessing.Process": Known(gives="thread"),
        "serial.Serial": Known(gives="serial"),
        "_thread.start_new_thread": Known(Role.THREAD),
        "concurrent.futures.ThreadPoolExecutor": Known(gives="executor"),
        "concurrent.futures.ProcessPoolExecutor": Known(gives="executor"),
        # -- queues, locks and events ---------------------------------------------------------
        "asyncio.Queue": Known(gives="asyncio.queue"),
        "asyncio.PriorityQueue": Known(gives="asyncio.queue"),
        "asyncio.LifoQueue": Known(gives="asyncio.queue"),
        "kafka.KafkaConsumer": Known(gives="kafka.consumer"),
        "redis.Redis": Known(gives="redis"),
        "redis.StrictRedis": Known(gives="redis"),
        "redis.from_url": Known(gives="redis"),
        "queue.Queue": Known(gives="queue"),
        "queue.SimpleQueue": Known(gives="queue"),
        "queue.PriorityQueue": Known(gives="queue"),
        "queue.LifoQueue": Known(gives="queue"),
        "multiprocessing.Queue": Known(gives="queue"),
        "multiprocessing.JoinableQueue": Known(gives="queue"),
        "multiprocessing.SimpleQueue": Known(gives="queue"),
        "subprocess.Popen": Known(gives="process"),
        "threading.Event": Known(gives="threading.event"),
        "threading.Condition": Known(gives="threading.condition"),
        "threading.Barrier": Known(gives="threading.event"),
        "threading.Lock": Known(gives="threading.lock"),
        "threading.RLock": Known(gives="threading.rlock"),
        "threading.Semaphore": Known(gives="threading.lock"),
        "threading.BoundedSemaphore": Known(gives="threading.lock"),
        "asyncio.Event": Known(gives="asyncio.event"),
        "asyncio.Condition": Known(gives="asyncio.condition"),
        "asyncio.Lock": Known(gives="asyncio.lock"),
        "asyncio.Semaphore": Known(gives="asyncio.lock"),
        "asyncio.Future": Known(gives="asyncio.future"),
        # -- others ---------------------------------------------------------------------------
        "sys.exit": Known(Role.EXIT),
        "os._exit": Known(Role.EXIT),
        "exit": Known(Role.EXIT),
        "quit": Known(Role.EXIT),
        "os.kill": Known(Role.EXIT),
        "print": Known(Role.LOG),
        "traceback.print_exc": Known(Role.LOG),
        "logging.getLogger": Known(gives="logger"),
        "logging.debug": Known(Role.QUIET_LOG),
        **_all(
            (
                f"logging.{level}"
                for level in ("info", "warning", "warn", "error", "exception", "critical", "log")
            ),
            Known(Role.LOG),
        ),
        "structlog.get_logger": Known(gives="logger"),
        "json.loads": Known(Role.PARSE),
        "json.load": Known(Role.PARSE),
        "orjson.loads": Known(Role.PARSE),
        "ujson.loads": Known(Role.PARSE),
        "simplejson.loads": Known(Role.PARSE),
        "msgpack.unpackb": Known(Role.PARSE),
        "msgspec.json.decode": Known(Role.PARSE),
        "sqlite3.connect": Known(Role.BLOCK, "sqlite3"),
        "psycopg2.connect": Known(Role.BLOCK, "database"),
        "psycopg.connect": Known(Role.BLOCK, "database"),
        "pymysql.connect": Known(Role.BLOCK, "database"),
        "MySQLdb.connect": Known(Role.BLOCK, "database"),
        "mysql.connector.connect": Known(Role.BLOCK, "database"),
        "pyodbc.connect": Known(Role.BLOCK, "database"),
        "pymongo.MongoClient": Known(gives="database"),
        "open": Known(gives="file"),
        "smtplib.SMTP": Known(Role.BLOCK, "smtp"),
        "smtplib.SMTP_SSL": Known(Role.BLOCK, "smtp"),
    }
)
"""What functions do, and what classes give."""

_LOGGER: Final = {
    "debug": Known(Role.QUIET_LOG),
    "trace": Known(Role.QUIET_LOG),
    **_all(
        ("info", "warning", "warn", "error", "exception", "critical", "log", "success"),
        Known(Role.LOG),
    ),
}

METHODS: Final[Mapping[str, Mapping[str, Known]]] = MappingProxyType(
    {
        "logger": _LOGGER,
        "requests.session": _all((*_HTTP_VERBS, "stream"), Known(Role.BLOCK)),
        "httpx.async": _all(_HTTP_VERBS, Known(Role.PAUSE, waits=True)),
        "serial": _all(("read", "readline", "readlines", "read_until"), Known(Role.BLOCK)),
        "http.client": _all(("request", "getresponse"), Known(Role.BLOCK)),
        "sdk": _all(
            (
                "create",
                "parse",
                "generate_content",
                "generate_content_stream",
                "generate",
                "convert",
                "get_object",
                "put_object",
                "upload_file",
                "upload_fileobj",
                "download_file",
                "send_message",
                "receive_message",
                "synthesize_speech",
                "invoke_model",
                "converse",
                "publish",
            ),
            Known(Role.BLOCK),
        ),
        "database": {"cursor": Known(gives="database")}
        | _all(
            (
                "execute",
                "executemany",
                "commit",
                "fetchall",
                "fetchone",
                "insert_one",
                "insert_many",
                "update_one",
                "replace_one",
                "find_one",
            ),
            Known(Role.BLOCK),
        ),
        "socket": _all(("recv", "recv_into", "accept", "connect", "sendall"), Known(Role.BLOCK)),
        "queue": {
            "get": Known(Role.TAKE | Role.BLOCK),
            "put": Known(Role.PUT),
            "join": Known(Role.BLOCK),
            "get_nowait": Known(Role.TAKE),
            "put_nowait": Known(Role.PUT),
        },
        "kafka.consumer": _all(("poll",), Known(Role.BLOCK)),
        "redis": {"pubsub": Known(gives="redis.pubsub")},
        "redis.pubsub": {"listen": Known(gives="redis.messages")},
        "asyncio.queue": {
            "get": Known(Role.TAKE | Role.PAUSE, waits=True),
            "put": Known(Role.PUT | Role.PAUSE, waits=True),
            "join": Known(Role.PAUSE, waits=True),
            "get_nowait": Known(Role.TAKE),
            "put_nowait": Known(Role.PUT),
        },
        "threading.event": {"wait": Known(Role.BLOCK | Role.PAUSE), "set": Known(Role.TELL)},
        "threading.condition": {
            "wait": Known(Role.BLOCK | Role.PAUSE),
            "wait_for": Known(Role.BLOCK | Role.PAUSE),
            "acquire": Known(Role.BLOCK),
            "notify": Known(Role.TELL),
            "notify_all": Known(Role.TELL),
        },
        "threading.lock": {"acquire": Known(Role.BLOCK)},
        # All tasks of an event loop are one thread: none of them waits for another one here.
        "threading.rlock": {"acquire": Known(Role.BLOCK)},
        "thread": {"join": Known(Role.BLOCK), "start": Known(Role.THREAD)},
        "future": {"result": Known(Role.BLOCK), "exception": Known(Role.BLOCK)},
        "executor": {
            "submit": Known(Role.THREAD, "future"),
            "map": Known(Role.THREAD | Role.BLOCK),
            "shutdown": Known(Role.BLOCK),
        },
        "asyncio.event": {"wait": Known(Role.PAUSE, waits=True), "set": Known(Role.TELL)},
        "asyncio.condition": {
            "wait": Known(Role.PAUSE, waits=True),
            "wait_for": Known(Role.PAUSE, waits=True),
            "notify": Known(Role.TELL),
            "notify_all": Known(Role.TELL),
        },
        "asyncio.lock": {"acquire": Known(Role.PAUSE, waits=True)},
        "asyncio.future": {
            "set_result": Known(Role.TELL),
            "set_exception": Known(Role.TELL),
            "cancel": Known(Role.CANCEL),
        },
        "asyncio.task": {"cancel": Known(Role.CANCEL)},
        "asyncio.group": {
            "create_task": Known(Role.SPAWN, "asyncio.task"),
            "start_soon": Known(Role.SPAWN),
        },
        "asyncio.loop": {
            "create_task": Known(Role.SPAWN, "asyncio.task"),
            "create_future": Known(gives="asyncio.future"),
            "run_in_executor": Known(Role.THREAD | Role.PAUSE),
            "run_until_complete": Known(Role.BLOCK),
            "run_forever": Known(Role.BLOCK),
            "call_soon_threadsafe": Known(),
        },
        "process": _all(("communicate", "wait"), Known(Role.BLOCK | Role.PAUSE)),
        "sqlite3": {
            **_all(("execute", "executemany", "executescript", "commit"), Known(Role.BLOCK)),
            "cursor": Known(gives="sqlite3"),
        },
        "smtp": _all(("sendmail", "send_message", "login", "starttls"), Known(Role.BLOCK)),
    }
)
"""What the methods of each kind do."""

TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "logging.Logger": "logger",
        "asyncio.AbstractEventLoop": "asyncio.loop",
        "asyncio.BaseEventLoop": "asyncio.loop",
        "concurrent.futures.Future": "future",
        "concurrent.futures.Executor": "executor",
        **{
            name: known.gives
            for name, known in FUNCTIONS.items()
            if known.gives is not None and name.rpartition(".")[2][:1].isupper()
        },
    }
)
"""The kinds of classes, as annotations."""

WHOLES: Final = frozenset({"sdk", "database"})
"""Kinds whose attributes are of the same kind: ``client.chat.completions``."""

BUILTINS: Final = frozenset({"print", "input", "open", "exit", "quit"})
"""What of `FUNCTIONS` needs no import."""
