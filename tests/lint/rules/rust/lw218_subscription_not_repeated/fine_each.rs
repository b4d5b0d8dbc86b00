//! Every connection gets the subscription.
use futures_util::{SinkExt, StreamExt};
use std::time::Duration;
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn run(url: &str, subscribe: &str) {
    loop {
        if let Ok((mut socket, _)) = connect_async(url).await {
            if socket.send(Message::text(subscribe.to_string())).await.is_ok() {
                while let Some(Ok(message)) = socket.next().await {
                    println!("{message}");
                }
            }
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
