//! The task gives Ok, whatever has happened.
use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn watch(url: &str, topics: Vec<String>) -> anyhow::Result<()> {
    let (mut stream, _) = connect_async(url).await?;
    for topic in topics {
        stream.send(Message::Text(topic.into())).await?;
    }
    tokio::task::spawn(async move {
        while let Some(Ok(message)) = stream.next().await { // LW203
            if message.is_close() {
                break;
            }
            println!("{message}");
        }
        Ok::<(), anyhow::Error>(())
    });
    Ok(())
}
