//! A feed goes into a channel without a bound.
use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn start(url: &str) -> anyhow::Result<mpsc::UnboundedReceiver<Message>> {
    let (mut stream, _) = connect_async(url).await?;
    let (feed, messages) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Some(Ok(message)) = stream.next().await {
            if feed.send(message).is_err() { // LW215
                break;
            }
        }
    });
    Ok(messages)
}
