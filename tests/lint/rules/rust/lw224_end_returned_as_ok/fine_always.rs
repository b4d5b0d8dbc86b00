//! The loop goes on after both.
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

pub async fn run(url: &str) {
    loop {
        if let Err(error) = attend(url).await {
            eprintln!("lost: {error}");
        }
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
}
