//! A pong takes back what a ping has counted.
use futures_util::{SinkExt, StreamExt};
use std::time::Duration;
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn follow(url: &str) -> anyhow::Result<()> {
    let (mut stream, _) = connect_async(url).await?;
    let mut beat = tokio::time::interval(Duration::from_secs(20));
    let mut open_pings = 0;
    loop {
        tokio::select! {
            _ = beat.tick() => {
                anyhow::ensure!(open_pings < 2, "silent");
                open_pings += 1;
                stream.send(Message::Ping(vec![].into())).await?;
            }
            message = stream.next() => match message {
                Some(Ok(Message::Pong(_))) => open_pings = 0,
                Some(message) => println!("{}", message?),
                None => return Ok(()),
            },
        }
    }
}
