//! What does not fit is counted.
use futures_util::StreamExt;
use tokio::sync::mpsc::Sender;
use tokio_tungstenite::connect_async;

pub async fn run(url: &str, texts: Sender<String>) -> anyhow::Result<u64> {
    let (mut stream, _) = connect_async(url).await?;
    let mut dropped = 0;
    while let Some(message) = stream.next().await {
        if texts.try_send(message?.to_string()).is_err() {
            dropped += 1;
        }
    }
    Ok(dropped)
}
