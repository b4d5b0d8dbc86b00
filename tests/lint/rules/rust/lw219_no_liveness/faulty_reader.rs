//! A feed that is read until it ends; a dead one never does.
use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn follow(url: &str) -> anyhow::Result<()> {
    let (mut stream, _) = connect_async(url).await?;
    stream.send(Message::text("subscribe")).await?;
    while let Some(message) = stream.next().await { // LW219
        match message? {
            Message::Text(text) => println!("{text}"),
            Message::Ping(data) => stream.send(Message::Pong(data)).await?,
            _ => {}
        }
    }
    Ok(())
}
