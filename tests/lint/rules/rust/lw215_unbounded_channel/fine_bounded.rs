//! The channel has a bound.
use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn start(url: &str) -> anyhow::Result<mpsc::Receiver<Message>> {
    let (mut stream, _) = connect_async(url).await?;
    let (feed, messages) = mpsc::channel(1024);
    tokio::spawn(async move {
        while let Some(Ok(message)) = stream.next().await {
            if feed.send(message).await.is_err() {
                break;
            }
        }
    });
    Ok(messages)
}
