//! Pings at intervals; a pong is passed over.
use futures_util::{SinkExt, StreamExt};
use std::time::Duration;
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn follow(url: &str) -> anyhow::Result<()> {
    let (stream, _) = connect_async(url).await?;
    let (mut write, mut read) = stream.split();
    let mut beat = tokio::time::interval(Duration::from_secs(20));
    loop {
        tokio::select! {
            _ = beat.tick() => {
                write.send(Message::Ping(vec![].into())).await?; // LW220
            }
            message = read.next() => match message {
                Some(Ok(Message::Pong(_))) => {}
                Some(message) => println!("{}", message?),
                None => return Ok(()),
            },
        }
    }
}
