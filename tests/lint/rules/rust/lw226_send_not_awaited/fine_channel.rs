//! A channel's send gives no future.
use futures_util::StreamExt;
use tokio::sync::{broadcast, mpsc};
use tokio_tungstenite::connect_async;

pub async fn run(url: &str, all: broadcast::Sender<String>, log: mpsc::UnboundedSender<String>) {
    if let Ok((mut socket, _)) = connect_async(url).await {
        while let Some(Ok(message)) = socket.next().await {
            let _ = all.send(message.to_string());
            let _ = log.send(message.to_string());
        }
    }
}
