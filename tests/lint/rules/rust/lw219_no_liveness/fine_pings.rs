//! Pings go out at intervals.
use futures_util::{SinkExt, StreamExt};
use std::time::Duration;
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn follow(url: &str) -> anyhow::Result<()> {
    let (mut stream, _) = connect_async(url).await?;
    let mut beat = tokio::time::interval(Duration::from_secs(20));
    loop {
        tokio::select! {
            _ = beat.tick() => stream.send(Message::Ping(Vec::new().into())).await?,
            message = stream.next() => match message {
                Some(message) => println!("{}", message?),
                None => return Ok(()),
            },
        }
    }
}
