//! A client that keeps the last price; its task is let go.
use futures_util::StreamExt;
use std::sync::{Arc, Mutex};
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn start(url: &str) -> anyhow::Result<Arc<Mutex<f64>>> {
    let (stream, _) = connect_async(url).await?;
    let (_, mut read) = stream.split();
    let last = Arc::new(Mutex::new(0.0));
    let written = last.clone();
    tokio::spawn(async move { // LW211
        while let Some(message) = read.next().await {
            if let Message::Text(text) = message? {
                *written.lock().unwrap() = text.parse()?;
            }
        }
        Ok::<(), anyhow::Error>(())
    });
    Ok(last)
}
