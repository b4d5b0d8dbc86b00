"""What is known of std, tokio, futures, and of the crates for channels."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from longwire.lint.rust.roles import Kind, Known, Role, Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

_POLL: Final = Known(Role.POLL)
_TAKE: Final = Known(Role.TAKE, shape=Shape.OPTION, waits=True)
_BLOCK: Final = Known(Role.BLOCK | Role.TAKE, shape=Shape.RESULT)
_PUT: Final = Known(Role.PUT)
_PUT_WAITS: Final = Known(Role.PUT, waits=True)

_FOR_THREADS: Final = {
    "recv": _BLOCK,
    "recv_timeout": _BLOCK,
    "recv_deadline": _BLOCK,
    "iter": _BLOCK,
    "into_iter": _BLOCK,
    "try_recv": _POLL,
    "try_iter": _POLL,
}
_FOR_TASKS: Final = {
    "recv": _TAKE,
    "recv_many": _TAKE,
    "next": _TAKE,
    "try_recv": _POLL,
    "try_next": _POLL,
    "blocking_recv": _BLOCK,
}

METHODS: Final[Mapping[str, Mapping[str, Known]]] = MappingProxyType(
    {
        "std.receiver": _FOR_THREADS,
        "crossbeam.receiver": _FOR_THREADS,
        "flume.receiver": {
            **_FOR_THREADS,
            "recv_async": Known(Role.TAKE, shape=Shape.RESULT, waits=True),
            "drain": _POLL,
        },
        "tokio.receiver": _FOR_TASKS,
        "futures.receiver": _FOR_TASKS,
        "async_channel.receiver": {
            **_FOR_TASKS,
            "recv": Known(Role.TAKE, shape=Shape.RESULT, waits=True),
            "recv_blocking": _BLOCK,
            "try_next": _TAKE,
        },
        "broadcast.receiver": {
            "recv": Known(Role.TAKE, shape=Shape.RESULT, waits=True),
            "try_recv": _POLL,
            "blocking_recv": _BLOCK,
        },
        "watch.receiver": {"changed": Known(Role.TAKE, shape=Shape.RESULT, waits=True)},
        "oneshot.receiver": {"try_recv": _POLL, "blocking_recv": _BLOCK},
        "std.sender": {"send": _PUT, "try_send": _PUT},
        "std.unbounded_sender": {"send": _PUT},
        "crossbeam.sender": {"send": _PUT, "try_send": _PUT},
        "crossbeam.unbounded_sender": {"send": _PUT, "try_send": _PUT},
        "flume.sender": {"send": _PUT, "try_send": _PUT, "send_async": _PUT_WAITS},
        "flume.unbounded_sender": {"send": _PUT, "try_send": _PUT, "send_async": _PUT_WAITS},
        "tokio.sender": {"send": _PUT_WAITS, "try_send": _PUT, "blocking_send": _PUT},
        "tokio.unbounded_sender": {"send": _PUT},
        "futures.sender": {"send": _PUT_WAITS, "try_send": _PUT, "unbounded_send": _PUT},
        "futures.unbounded_sender": {"send": _PUT_WAITS, "unbounded_send": _PUT},
        "async_channel.sender": {"send": _PUT_WAITS, "try_send": _PUT, "send_blocking": _PUT},
        "async_channel.unbounded_sender": {"send": _PUT_WAITS, "try_send": _PUT},
        "broadcast.sender": {"send": _PUT, "subscribe": Known(gives=Kind("broadcast.receiver"))},
        "watch.sender": {"send": _PUT, "subscribe": Known(gives=Kind("watch.receiver"))},
        "oneshot.sender": {"send": _PUT},
        "interval": {"tick": Known(Role.PAUSE, waits=True)},
        "joinhandle": {"abort": Known(), "is_finished": Known()},
        "thread": {"join": Known(Role.BLOCK)},
        "joinset": {
            "spawn": Known(Role.SPAWN, Kind("joinhandle")),
            "join_next": Known(Role.GATHER, waits=True),
        },
        "runtime": {
            "spawn": Known(Role.SPAWN, Kind("joinhandle")),
            "spawn_blocking": Known(Role.THREAD, Kind("joinhandle")),
            "block_on": Known(Role.BLOCK),
        },
    }
)
"""Methods by the kind of what they are called on. Locks are in `Meanings`: they keep what is in."""


def _channel(name: str, *, bounded: bool) -> Known:
    sender = "sender" if bounded else "unbounded_sender"
    return Known(gives=Kind("tuple", (Kind(f"{name}.{sender}"), Kind(f"{name}.receiver"))))


_SPAWN: Final = Known(Role.SPAWN, Kind("joinhandle"))
_THREAD: Final = Known(Role.THREAD, Kind("joinhandle"))
_SLEEP: Final = Known(Role.PAUSE, Kind("sleep"), waits=True)
_LIMIT: Final = Known(Role.LIMIT, waits=True)
_GATHER: Final = Known(Role.GATHER, waits=True)
_INTERVAL: Final = Known(gives=Kind("interval"))
_PARSE: Final = Known(Role.PARSE)

FUNCTIONS: Final[Mapping[str, Known]] = MappingProxyType(
    {
        "std::sync::mpsc::channel": _channel("std", bounded=False),
        "std::sync::mpsc::sync_channel": _channel("std", bounded=True),
        "crossbeam_channel::unbounded": _channel("crossbeam", bounded=False),
        "crossbeam_channel::bounded": _channel("crossbeam", bounded=True),
        "flume::unbounded": _channel("flume", bounded=False),
        "flume::bounded": _channel("flume", bounded=True),
        "tokio::sync::mpsc::channel": _channel("tokio", bounded=True),
        "tokio::sync::mpsc::unbounded_channel": _channel("tokio", bounded=False),
        "tokio::sync::broadcast::channel": _channel("broadcast", bounded=True),
        "tokio::sync::watch::channel": _channel("watch", bounded=True),
        "tokio::sync::oneshot::channel": _channel("oneshot", bounded=True),
        "futures::channel::mpsc::channel": _channel("futures", bounded=True),
        "futures::channel::mpsc::unbounded": _channel("futures", bounded=False),
        "futures::channel::oneshot::channel": _channel("oneshot", bounded=True),
        "async_channel::bounded": _channel("async_channel", bounded=True),
        "async_channel::unbounded": _channel("async_channel", bounded=False),
        "async_std::channel::bounded": _channel("async_channel", bounded=True),
        "async_std::channel::unbounded": _channel("async_channel", bounded=False),
        "tokio::spawn": _SPAWN,
        "tokio::task::spawn": _SPAWN,
        "tokio::task::spawn_local": _SPAWN,
        "async_std::task::spawn": _SPAWN,
        "actix_rt::spawn": _SPAWN,
        "actix_web::rt::spawn": _SPAWN,
        "smol::spawn": _SPAWN,
        "tokio::task::spawn_blocking": _THREAD,
        "tokio::task::block_in_place": _THREAD,
        "async_std::task::spawn_blocking": _THREAD,
        "actix_web::web::block": _THREAD,
        "smol::unblock": _THREAD,
        "rayon::spawn": _THREAD,
        "std::thread::spawn": Known(Role.THREAD, Kind("thread")),
        "std::thread::scope": Known(Role.THREAD),
        "tokio::time::sleep": _SLEEP,
        "tokio::time::sleep_until": _SLEEP,
        "async_std::task::sleep": _SLEEP,
        "futures_timer::Delay::new": _SLEEP,
        "smol::Timer::after": _SLEEP,
        "tokio::task::yield_now": Known(Role.PAUSE, waits=True),
        "tokio::time::timeout": _LIMIT,
        "tokio::time::timeout_at": _LIMIT,
        "async_std::future::timeout": _LIMIT,
        "tokio::time::interval": _INTERVAL,
        "tokio::time::interval_at": _INTERVAL,
        "std::thread::sleep": Known(Role.BLOCK),
        "futures::executor::block_on": Known(Role.BLOCK),
        "futures::future::join_all": _GATHER,
        "futures::future::try_join_all": _GATHER,
        "futures::future::join": _GATHER,
        "futures::future::try_join": _GATHER,
        "reqwest::get": Known(Role.SLOW, waits=True),
        "std::process::exit": Known(Role.EXIT),
        "std::process::abort": Known(Role.EXIT),
        "serde_json::from_str": _PARSE,
        "serde_json::from_slice": _PARSE,
        "serde_json::from_value": _PARSE,
        "simd_json::from_slice": _PARSE,
        "tokio::runtime::Runtime::new": Known(gives=Kind("runtime")),
        "tokio::runtime::Handle::current": Known(gives=Kind("runtime")),
    }
)


def _ends(name: str) -> dict[str, Kind]:
    return {
        "Receiver": Kind(f"{name}.receiver"),
        "UnboundedReceiver": Kind(f"{name}.receiver"),
        "Sender": Kind(f"{name}.sender"),
        "UnboundedSender": Kind(f"{name}.unbounded_sender"),
    }


_CHANNELS: Final = MappingProxyType(
    {
        "std::sync::mpsc": "std",
        "crossbeam_channel": "crossbeam",
        "flume": "flume",
        "tokio::sync::mpsc": "tokio",
        "tokio::sync::broadcast": "broadcast",
        "tokio::sync::watch": "watch",
        "tokio::sync::oneshot": "oneshot",
        "futures::channel::mpsc": "futures",
        "futures::channel::oneshot": "oneshot",
        "async_channel": "async_channel",
        "async_std::channel": "async_channel",
    }
)

TYPES: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        f"{module}::{end}": kind
        for module, name in _CHANNELS.items()
        for end, kind in _ends(name).items()
    }
    | {
        # Whether it has a bound cannot be told from the type.
        "std::sync::mpsc::SyncSender": Kind("std.sender"),
        "tokio::task::JoinHandle": Kind("joinhandle"),
        "tokio::task::JoinSet": Kind("joinset"),
        "tokio::time::Interval": Kind("interval"),
        "tokio::time::Sleep": Kind("sleep"),
        "tokio::runtime::Runtime": Kind("runtime"),
        "tokio::runtime::Handle": Kind("runtime"),
        "std::thread::JoinHandle": Kind("thread"),
    }
)
LOCKS: Final[Mapping[str, str]] = MappingProxyType(
    {
        f"{module}::{lock}": kind
        for module, kind in (
            ("tokio::sync", "tokio"),
            ("futures::lock", "tokio"),
            ("async_std::sync", "tokio"),
            ("async_lock", "tokio"),
            ("std::sync", "std"),
            ("parking_lot", "std"),
        )
        for lock in ("Mutex", "RwLock")
    }
)
"""Types of locks: ``"tokio"`` for those whose `lock` is awaited, ``"std"`` for those that block."""
LOCKING: Final = frozenset({"lock", "read", "write", "lock_owned", "try_lock", "get_mut"})
WRAPPERS: Final = frozenset(
    {
        "Option",
        "Result",
        "Arc",
        "Rc",
        "Box",
        "Pin",
        "RefCell",
        "Cow",
        "Fuse",
        "Peekable",
        "OnceCell",
        "io::Result",
        "BoxFuture",
        "LocalBoxFuture",
        "Poll",
        "Weak",
        "Cell",
        "UnsafeCell",
        "ManuallyDrop",
    }
)
"""Types that are taken for what is in them."""
LISTS: Final = frozenset({"Vec", "VecDeque", "HashSet", "FuturesUnordered", "BTreeSet", "SmallVec"})
MAPS: Final = frozenset({"HashMap", "BTreeMap", "DashMap", "IndexMap", "FxHashMap"})
CONSTRUCTORS: Final = frozenset({"Some", "Ok", "new", "pin", "from"})
"""Functions of wrappers that give what they get: ``Arc::new``, ``Box::pin``."""
SAME: Final = frozenset(
    {
        "unwrap",
        "expect",
        "unwrap_or_else",
        "unwrap_or_default",
        "ok",
        "ok_or",
        "ok_or_else",
        "map_err",
        "context",
        "with_context",
        "as_mut",
        "as_ref",
        "as_deref",
        "as_deref_mut",
        "clone",
        "cloned",
        "to_owned",
        "fuse",
        "by_ref",
        "borrow",
        "borrow_mut",
        "take",
        "boxed",
        "boxed_local",
        "into_inner",
        "peekable",
        "get_mut",
        "await",
        "inspect_err",
        "instrument",
        "expect_err",
        "upgrade",
        "downgrade",
        "get_or_insert_with",
        "or_else",
        "unwrap_or",
        "flatten",
        "as_pin_mut",
    }
)
"""Methods that give what they are called on, as far as kinds go."""
