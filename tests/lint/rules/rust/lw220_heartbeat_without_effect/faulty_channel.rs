//! The pings go through the channel of the writer.
use futures_util::{SinkExt, StreamExt};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn run(url: &str) -> anyhow::Result<()> {
    let (stream, _) = connect_async(url).await?;
    let (mut write, mut read) = stream.split();
    let (to_send, mut sending) = mpsc::channel::<Message>(16);
    tokio::spawn(async move {
        while let Some(message) = sending.recv().await {
            if write.send(message).await.is_err() {
                break;
            }
        }
    });
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_secs(15)).await;
            if to_send.send(Message::Ping(Vec::new().into())).await.is_err() { // LW220
                break;
            }
        }
    });
    while let Some(message) = read.next().await {
        println!("{}", message?);
    }
    Ok(())
}
