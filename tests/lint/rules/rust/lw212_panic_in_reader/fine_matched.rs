//! Errors are matched; what panics is a lock.
use futures_util::StreamExt;
use std::sync::{Arc, Mutex};
use tokio_tungstenite::connect_async;

pub async fn start(url: &str, prices: Arc<Mutex<Vec<f64>>>) -> anyhow::Result<()> {
    let (mut stream, _) = connect_async(url).await?;
    let reader = tokio::spawn(async move {
        while let Some(message) = stream.next().await {
            let text = message?.to_string();
            match serde_json::from_str(&text) {
                Ok(price) => prices.lock().unwrap().push(price),
                Err(error) => tracing::warn!("no price: {error}"),
            }
        }
        Ok::<(), anyhow::Error>(())
    });
    reader.await?
}
