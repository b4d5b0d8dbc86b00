//! The error leaves a block for one message only.
use futures_util::StreamExt;
use serde_json::Value;
use tokio_tungstenite::connect_async;

pub async fn follow(url: &str) -> anyhow::Result<()> {
    let (mut stream, _) = connect_async(url).await?;
    while let Some(message) = stream.next().await {
        let message = message?;
        let handled: anyhow::Result<()> = async {
            let value: Value = serde_json::from_str(message.to_text()?)?;
            println!("{value}");
            Ok(())
        }
        .await;
        if let Err(error) = handled {
            tracing::warn!("{error}");
        }
    }
    Ok(())
}
