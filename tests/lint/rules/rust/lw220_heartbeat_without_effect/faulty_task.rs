//! A task for pings, and one that reads; they do not know of each other.
use futures_util::{SinkExt, StreamExt};
use std::time::Duration;
use tokio::time::sleep;
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn run(url: &str) -> anyhow::Result<()> {
    let (stream, _) = connect_async(url).await?;
    let (mut write, mut read) = stream.split();
    let pings = tokio::spawn(async move {
        loop {
            sleep(Duration::from_secs(30)).await;
            if write.send(Message::Ping(b"alive".to_vec().into())).await.is_err() { // LW220
                return;
            }
        }
    });
    while let Some(message) = read.next().await {
        match message? {
            Message::Text(text) => println!("{text}"),
            Message::Pong(_) => tracing::debug!("pong"),
            _ => {}
        }
    }
    pings.abort();
    Ok(())
}
