//! Whoever asks waits so long and no longer.
use futures_util::StreamExt;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{oneshot, Mutex};
use tokio::time::timeout;
use tokio_tungstenite::connect_async;

type Pending = Arc<Mutex<HashMap<usize, oneshot::Sender<String>>>>;

pub async fn ask(id: usize, pending: Pending) -> anyhow::Result<String> {
    let (sender, receiver) = oneshot::channel();
    pending.lock().await.insert(id, sender);
    Ok(timeout(Duration::from_secs(5), receiver).await??)
}

pub async fn run(url: &str, pending: Pending) -> anyhow::Result<()> {
    let (mut socket, _) = connect_async(url).await?;
    while let Some(Ok(message)) = socket.next().await {
        let text = message.to_string();
        if let Some(waiting) = pending.lock().await.remove(&text.len()) {
            let _ = waiting.send(text);
        }
    }
    Ok(())
}
