//! A timer for silence beside pings that come more often.
use futures_util::{SinkExt, StreamExt};
use std::time::Duration;
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn follow(url: &str) -> anyhow::Result<()> {
    let (mut stream, _) = connect_async(url).await?;
    let mut beat = tokio::time::interval(Duration::from_secs(15));
    loop {
        tokio::select! {
            message = stream.next() => match message {
                Some(message) => println!("{}", message?),
                None => return Ok(()),
            },
            _ = beat.tick() => stream.send(Message::Ping(vec![].into())).await?,
            _ = tokio::time::sleep(Duration::from_secs(60)) => anyhow::bail!("silent"), // LW221
        }
    }
}
