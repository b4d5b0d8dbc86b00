//! One answer is waited for, and handed out.
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn ask(url: &str, question: String) -> anyhow::Result<Value> {
    let (mut stream, _) = connect_async(url).await?;
    stream.send(Message::text(question)).await?;
    while let Some(message) = stream.next().await {
        if let Message::Text(text) = message? {
            let answer: Value = serde_json::from_str(&text)?;
            return Ok(answer);
        }
    }
    anyhow::bail!("no answer")
}
