//! Each future is awaited, or handed over to what awaits it.
use futures_util::{SinkExt, StreamExt};
use std::time::Duration;
use tokio::time::timeout;
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn run(url: &str) -> anyhow::Result<()> {
    let (socket, _) = connect_async(url).await?;
    let (mut write, mut read) = socket.split();
    let _ = write.send(Message::text("hello")).await;
    timeout(Duration::from_secs(5), write.send(Message::text("subscribe"))).await??;
    let sending = write.send(Message::text("more"));
    sending.await?;
    while let Some(message) = read.next().await {
        println!("{}", message?);
    }
    Ok(())
}
