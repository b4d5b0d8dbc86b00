//! The end of the stream is an error; Ok is what the user has asked for.
use futures_util::StreamExt;
use std::time::Duration;
use tokio_tungstenite::connect_async;

async fn attend(url: &str, stop: &str) -> anyhow::Result<()> {
    let (mut stream, _) = connect_async(url).await?;
    loop {
        let Some(message) = stream.next().await else {
            anyhow::bail!("closed by the server");
        };
        if message?.to_string() == stop {
            return Ok(());
        }
    }
}

pub async fn run(url: &str) {
    while let Err(error) = attend(url, "stop").await {
        eprintln!("lost: {error}");
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
}
