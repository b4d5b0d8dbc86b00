//! A receiver that only counts: what tokio-tungstenite can take in, in one thread.

use std::time::Instant;

use futures_util::StreamExt;
use tokio_tungstenite::connect_async;

use crate::fields::say;

/// Receive `count` messages; the clock runs from the first to the last of them.
pub async fn run(url: &str, count: u64) {
    let (mut link, _) = connect_async(url).await.expect("a link");
    let mut bytes = 0;
    let mut started = None;
    for _ in 0..count {
        let message = loop {
            let message = link
                .next()
                .await
                .expect("more messages")
                .expect("a message");
            if message.is_text() || message.is_binary() {
                break message;
            }
        };
        started.get_or_insert_with(Instant::now);
        bytes += message.len();
    }
    let seconds = started.map_or(0.0, |started| started.elapsed().as_secs_f64());
    say(
        "received",
        &[
            ("messages", &count.to_string()),
            ("bytes", &bytes.to_string()),
            ("seconds", &seconds.to_string()),
        ],
    );
}
