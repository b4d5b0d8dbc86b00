//! The task has the sender of a channel, which is closed when it ends.
use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio_tungstenite::{connect_async, tungstenite::Error};

pub async fn start(url: &str) -> Result<mpsc::Receiver<String>, Error> {
    let (mut stream, _) = connect_async(url).await?;
    let (messages, receiver) = mpsc::channel(16);
    tokio::spawn(async move {
        while let Some(message) = stream.next().await {
            if messages.send(message?.to_string()).await.is_err() {
                break;
            }
        }
        Ok::<(), Error>(())
    });
    Ok(receiver)
}
