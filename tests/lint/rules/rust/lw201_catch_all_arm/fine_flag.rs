//! What the catch-all sets is what the loop's condition asks.
use futures_util::{SinkExt, StreamExt};
use tokio::sync::mpsc::Receiver;
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn watch(url: &str, mut stop: Receiver<()>) -> anyhow::Result<()> {
    let (stream, _) = connect_async(url).await?;
    let (mut write, mut read) = stream.split();
    let mut connected = true;
    while connected {
        tokio::select! {
            _ = stop.recv() => {
                write.send(Message::Close(None)).await?;
                connected = false;
            }
            received = read.next() => {
                let Some(Ok(message)) = received else {
                    connected = false;
                    continue;
                };
                println!("{message}");
            }
        }
    }
    Ok(())
}
