//! The same words, on a socket that suspends.
use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

pub async fn watch(url: &str) -> anyhow::Result<()> {
    let (mut socket, _) = connect_async(url).await?;
    socket.send(Message::text("subscribe")).await?;
    while let Some(message) = socket.next().await {
        println!("{}", message?);
    }
    Ok(())
}
