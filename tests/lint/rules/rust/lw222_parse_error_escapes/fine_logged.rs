//! The error is a line in the log.
use futures_util::StreamExt;
use serde_json::Value;
use tokio_tungstenite::connect_async;

pub async fn follow(url: &str) -> anyhow::Result<()> {
    let (mut stream, _) = connect_async(url).await?;
    while let Some(message) = stream.next().await {
        let text = message?.to_string();
        let Ok(value) = serde_json::from_str::<Value>(&text) else {
            tracing::warn!("what is {text}?");
            continue;
        };
        println!("{value}");
    }
    Ok(())
}
