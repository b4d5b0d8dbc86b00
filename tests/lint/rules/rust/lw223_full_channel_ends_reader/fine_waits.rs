//! The reader waits for the consumer.
use futures_util::StreamExt;
use tokio::sync::mpsc::Sender;
use tokio_tungstenite::connect_async;

pub async fn run(url: &str, texts: Sender<String>) -> anyhow::Result<()> {
    let (mut stream, _) = connect_async(url).await?;
    while let Some(message) = stream.next().await {
        if texts.send(message?.to_string()).await.is_err() {
            break;
        }
    }
    Ok(())
}
