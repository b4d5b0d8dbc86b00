//! A feed with a report every minute: the timer keeps the loop going.
use futures_util::StreamExt;
use std::time::Duration;
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn watch(url: &str) -> anyhow::Result<()> {
    let (mut ws_stream, _) = connect_async(url).await?;
    let mut reports = tokio::time::interval(Duration::from_secs(60));
    let mut count = 0u64;
    loop {
        tokio::select! {
            Some(message) = ws_stream.next() => { // LW204
                if let Message::Text(_) = message? {
                    count += 1;
                }
            }
            _ = reports.tick() => println!("{count} messages"),
        }
    }
}
