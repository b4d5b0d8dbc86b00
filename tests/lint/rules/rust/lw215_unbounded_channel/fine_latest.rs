//! Only the latest is kept.
use futures_util::StreamExt;
use tokio::sync::watch;
use tokio_tungstenite::connect_async;

pub async fn follow(url: &str, latest: watch::Sender<String>) -> anyhow::Result<()> {
    let (mut stream, _) = connect_async(url).await?;
    while let Some(message) = stream.next().await {
        latest.send(message?.to_string())?;
    }
    Ok(())
}
