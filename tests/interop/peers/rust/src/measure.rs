//! What tokio-tungstenite can take in, in one thread: a contestant of the benchmarks.
//!
//! As benchmarks/contestant.py: warm up, count through the window, knock at the peer, take the rest.

use std::fs;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use tokio_tungstenite::connect_async;

/// The clock is looked at once in so many messages.
const LOOK: u64 = 256;

/// A moment: messages so far, the clock, and what the kernel says of this thread.
struct Mark {
    count: u64,
    at: Instant,
    cpu: f64,
    waited: f64,
}

impl Mark {
    fn now(count: u64) -> Self {
        let (cpu, waited) = on_a_core();
        Mark { count, at: Instant::now(), cpu, waited }
    }
}

/// Receive from `url` on `port` until the stream ends, and print what the window has seen.
pub async fn run(url: &str, port: u16, warmup: f64, seconds: f64) {
    let (mut link, _) = connect_async(url).await.expect("a link");
    let mut count = 0_u64;
    let mut turn = Instant::now() + Duration::from_secs_f64(warmup);
    let mut begun: Option<Mark> = None;
    let mut window: Option<(Mark, Mark)> = None;
    while let Some(message) = link.next().await {
        let message = message.expect("a message");
        if !(message.is_text() || message.is_binary()) {
            continue;
        }
        std::hint::black_box(&message);
        count += 1;
        if count % LOOK == 0 && window.is_none() && Instant::now() >= turn {
            let mark = Mark::now(count);
            turn = mark.at + Duration::from_secs_f64(seconds);
            match begun.take() {
                None => begun = Some(mark),
                Some(start) => {
                    window = Some((start, mark));
                    TcpStream::connect(("127.0.0.1", port)).expect("somebody who hears the knock");
                }
            }
        }
    }
    let (start, end) = window.expect("the stream went on for the whole window");
    let messages = end.count - start.count;
    let elapsed = (end.at - start.at).as_secs_f64();
    println!(
        "{{\"value\": {}, \"messages\": {messages}, \"seconds\": {elapsed}, \"cpu_seconds\": {}, \
         \"waited_seconds\": {}, \"received\": {count}}}",
        messages as f64 / elapsed,
        end.cpu - start.cpu,
        end.waited - start.waited,
    );
}

/// Seconds that this thread has run, and has waited for a core; 0 where it is untold.
fn on_a_core() -> (f64, f64) {
    let told = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let mut seconds = told.split(' ').map(|each| each.parse().unwrap_or(0.0) / 1e9);
    (seconds.next().unwrap_or(0.0), seconds.next().unwrap_or(0.0))
}
