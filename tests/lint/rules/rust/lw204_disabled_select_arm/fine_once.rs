//! No loop: one answer, or a timeout.
use futures_util::{SinkExt, StreamExt};
use std::time::Duration;
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn ask(url: &str, question: String) -> anyhow::Result<Option<String>> {
    let (mut stream, _) = connect_async(url).await?;
    stream.send(Message::Text(question.into())).await?;
    let answer = tokio::select! {
        Some(Ok(message)) = stream.next() => Some(message.to_string()),
        _ = tokio::time::sleep(Duration::from_secs(5)) => None,
    };
    Ok(answer)
}
