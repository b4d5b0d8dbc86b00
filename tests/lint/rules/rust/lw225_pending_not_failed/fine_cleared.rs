//! Behind the loop, the map is cleared.
use futures_util::StreamExt;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::{oneshot, Mutex};
use tokio_tungstenite::connect_async;

type Pending = Arc<Mutex<HashMap<usize, oneshot::Sender<String>>>>;

pub async fn run(url: &str, pending: Pending) -> anyhow::Result<()> {
    let (mut socket, _) = connect_async(url).await?;
    while let Some(Ok(message)) = socket.next().await {
        let text = message.to_string();
        if let Some(waiting) = pending.lock().await.remove(&text.len()) {
            let _ = waiting.send(text);
        }
    }
    pending.lock().await.clear();
    Ok(())
}
