//! A full channel is not a closed one.
use futures_util::StreamExt;
use tokio::sync::mpsc::{error::TrySendError, Sender};
use tokio_tungstenite::connect_async;

pub async fn run(url: &str, texts: Sender<String>) -> anyhow::Result<u64> {
    let (mut stream, _) = connect_async(url).await?;
    let mut dropped = 0;
    while let Some(message) = stream.next().await {
        match texts.try_send(message?.to_string()) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => dropped += 1,
            Err(TrySendError::Closed(_)) => break,
        }
    }
    Ok(dropped)
}
