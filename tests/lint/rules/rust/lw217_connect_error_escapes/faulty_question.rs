//! The loop connects anew, but a failed attempt leaves it.
use futures_util::StreamExt;
use std::time::Duration;
use tokio_tungstenite::connect_async;

pub async fn run(url: &str) -> anyhow::Result<()> {
    loop {
        let (mut stream, _) = connect_async(url).await?; // LW217
        while let Some(Ok(message)) = stream.next().await {
            println!("{message}");
        }
        tracing::warn!("lost, once more");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
