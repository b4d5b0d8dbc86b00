//! The loop goes on only after an error.
use futures_util::StreamExt;
use std::time::Duration;
use tokio_tungstenite::connect_async;

async fn attend(url: &str) -> anyhow::Result<()> {
    let (mut stream, _) = connect_async(url).await?;
    while let Some(message) = stream.next().await {
        println!("{}", message?);
    }
    Ok(())
}

#[tokio::main]
async fn main() {
    while let Err(error) = attend("wss://feed.example/").await { // LW224
        eprintln!("lost: {error}");
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
}
