//! A reader that is slowed down.
use futures_util::StreamExt;
use std::thread;
use std::time::Duration;
use tokio_tungstenite::connect_async;

pub async fn read(url: &str) -> anyhow::Result<()> {
    let (mut stream, _) = connect_async(url).await?;
    while let Some(message) = stream.next().await {
        println!("{}", message?);
        thread::sleep(Duration::from_millis(500)); // LW209
    }
    Ok(())
}
