//! A task that runs over a channel of crossbeam.
use crossbeam_channel::unbounded;
use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn run(url: &str) -> anyhow::Result<()> {
    let (stream, _) = connect_async(url).await?;
    let (mut write, mut read) = stream.split();
    let (ask, asked) = unbounded::<String>();
    tokio::spawn(async move {
        for text in asked { // LW206
            write.send(Message::text(text)).await.expect("a connection");
        }
    });
    while let Some(message) = read.next().await {
        ask.send(message?.to_string())?;
    }
    Ok(())
}
