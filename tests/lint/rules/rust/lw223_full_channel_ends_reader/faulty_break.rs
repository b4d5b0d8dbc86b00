//! Whatever try_send says ends the reader.
use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn start(url: &str) -> anyhow::Result<mpsc::Receiver<Message>> {
    let (mut stream, _) = connect_async(url).await?;
    let (messages, receiver) = mpsc::channel(64);
    tokio::spawn(async move {
        while let Some(Ok(message)) = stream.next().await {
            if messages.try_send(message).is_err() { // LW223
                break;
            }
        }
        tracing::info!("nobody wants messages any more");
    });
    Ok(receiver)
}
