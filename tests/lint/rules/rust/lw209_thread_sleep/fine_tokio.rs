//! The sleep of tokio.
use futures_util::StreamExt;
use std::time::Duration;
use tokio::time::sleep;
use tokio_tungstenite::connect_async;

pub async fn read(url: &str) -> anyhow::Result<()> {
    let (mut stream, _) = connect_async(url).await?;
    while let Some(message) = stream.next().await {
        println!("{}", message?);
        sleep(Duration::from_millis(500)).await;
    }
    Ok(())
}
