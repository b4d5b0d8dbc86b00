//! The subscription is sent in front of the loop that connects anew.
use futures_util::{SinkExt, StreamExt};
use std::time::Duration;
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn run(url: &str) -> anyhow::Result<()> {
    let (mut socket, _) = connect_async(url).await?;
    socket.send(Message::text(r#"{"op":"subscribe","channel":"trades"}"#)).await?;
    loop {
        while let Some(Ok(message)) = socket.next().await {
            println!("{message}");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        if let Ok((again, _)) = connect_async(url).await { // LW218
            socket = again;
        }
    }
}
