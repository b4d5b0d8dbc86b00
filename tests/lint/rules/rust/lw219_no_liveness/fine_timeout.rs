//! A receive has a limit of time.
use futures_util::StreamExt;
use std::time::Duration;
use tokio::time::timeout;
use tokio_tungstenite::connect_async;

pub async fn follow(url: &str) -> anyhow::Result<()> {
    let (mut stream, _) = connect_async(url).await?;
    while let Some(message) = timeout(Duration::from_secs(60), stream.next()).await? {
        println!("{}", message?);
    }
    Ok(())
}
