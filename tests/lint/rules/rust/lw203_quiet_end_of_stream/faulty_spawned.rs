//! A client that starts a task for reading, and lets go of it.
use futures_util::StreamExt;
use tokio::sync::broadcast;
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn start(url: &str) -> anyhow::Result<broadcast::Receiver<String>> {
    let (stream, _) = connect_async(url).await?;
    let (_, mut read) = stream.split();
    let (sender, receiver) = broadcast::channel(100);
    tokio::spawn(async move {
        while let Some(Ok(message)) = read.next().await { // LW203
            if let Message::Text(text) = message {
                let _ = sender.send(text.to_string());
            }
        }
    });
    Ok(receiver)
}
