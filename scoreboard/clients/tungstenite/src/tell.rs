//! What happens, as lines of JSON on the standard output, which is flushed at the end of each.

use serde_json::{json, Value};

pub fn up() {
    say(json!({"t": now(), "event": "up"}));
}

pub fn down() {
    say(json!({"t": now(), "event": "down"}));
}

pub fn message(number: u64) {
    say(json!({"t": now(), "event": "message", "seq": number}));
}

pub fn error(what: &str) {
    say(json!({"t": now(), "event": "error", "what": what}));
}

/// Rust's standard output keeps what it has until the end of a line, wherever it goes.
fn say(event: Value) {
    println!("{event}");
}

/// Seconds of the clock that all processes of a machine share; `Instant` does not tell them.
fn now() -> f64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the pointer is to a timespec of ours, which is all that the call writes to.
    let failed = unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut time) };
    assert_eq!(failed, 0, "a monotonic clock");
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
