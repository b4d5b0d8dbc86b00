//! The topic is in the URL.
use futures_util::{SinkExt, StreamExt};
use std::time::Duration;
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn run(topic: &str) -> anyhow::Result<()> {
    let url = format!("wss://feed.example/{topic}");
    let (mut control, _) = connect_async("wss://control.example/").await?;
    control.send(Message::text("hello")).await?;
    loop {
        if let Ok((mut stream, _)) = connect_async(&url).await {
            while let Some(Ok(message)) = stream.next().await {
                println!("{message}");
            }
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
