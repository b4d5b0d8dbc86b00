//! A client of the scoreboard on tokio-tungstenite: connect in a loop, read until the end.
//!
//! `longwire-scoreboard URL [--subscribe TEXT]`

mod tell;

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{Message, Result};
use tokio_tungstenite::{connect_async, MaybeTlsStream, WebSocketStream};

const FIRST_DELAY: Duration = Duration::from_millis(100);
const LONGEST_DELAY: Duration = Duration::from_secs(10);

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [url] => runtime.block_on(stay_connected(url, None)),
        [url, "--subscribe", text] => runtime.block_on(stay_connected(url, Some(text))),
        _ => panic!("usage: longwire-scoreboard URL [--subscribe TEXT]"),
    }
}

async fn stay_connected(url: &str, subscription: Option<&str>) {
    let mut delay = FIRST_DELAY;
    loop {
        match connect_async(url).await {
            Ok((link, _)) => {
                tell::up();
                delay = FIRST_DELAY;
                if let Err(error) = receive(link, subscription).await {
                    tell::error(&error.to_string());
                }
                tell::down();
            }
            Err(error) => tell::error(&error.to_string()),
        }
        tokio::time::sleep(delay).await;
        delay = LONGEST_DELAY.min(delay * 2);
    }
}

async fn receive(
    link: WebSocketStream<MaybeTlsStream<TcpStream>>,
    subscription: Option<&str>,
) -> Result<()> {
    let (mut write, mut read) = link.split();
    if let Some(text) = subscription {
        write.send(Message::text(text)).await?;
    }
    // longwire: ignore[LW219] as its documentation has it
    while let Some(message) = read.next().await {
        let message = message?;
        if message.is_text() || message.is_binary() {
            handle(&message.into_data()).await;
        }
    }
    Ok(())
}

/// Tell the number of a message, and do what it orders. An acknowledgement, say, has no number.
async fn handle(data: &[u8]) {
    let fields = serde_json::from_slice::<Value>(data).unwrap_or_default();
    if let Some(number) = fields.get("seq").and_then(Value::as_u64) {
        tell::message(number);
    }
    if let Some(time) = seconds(&fields, "block") {
        std::thread::sleep(time); // longwire: ignore[LW209] what is looked at is what becomes of that
    }
    if let Some(time) = seconds(&fields, "wait") {
        tokio::time::sleep(time).await;
    }
}

fn seconds(fields: &Value, name: &str) -> Option<Duration> {
    fields.get(name)?.as_f64().map(Duration::from_secs_f64)
}
