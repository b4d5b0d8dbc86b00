//! A loop around the function catches its errors.
use futures_util::StreamExt;
use std::time::Duration;
use tokio_tungstenite::connect_async;

async fn attend(url: &str) -> anyhow::Result<()> {
    loop {
        let (mut stream, _) = connect_async(url).await?;
        while let Some(Ok(message)) = stream.next().await {
            println!("{message}");
        }
    }
}

pub async fn run(url: &str) {
    loop {
        if let Err(error) = attend(url).await {
            eprintln!("{error}");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
