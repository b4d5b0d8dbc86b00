//! A task that panics at the first attempt that fails.
use futures_util::{SinkExt, StreamExt};
use std::time::Duration;
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub fn start(url: &'static str) {
    tokio::spawn(async move {
        loop {
            let (socket, _) = connect_async(url).await.expect("a server"); // LW217
            let (mut write, mut read) = socket.split();
            let _ = write.send(Message::text("subscribe")).await;
            loop {
                match read.next().await {
                    Some(Ok(message)) => println!("{message}"),
                    Some(Err(_)) | None => break,
                }
            }
            tokio::time::sleep(Duration::from_secs(3)).await;
        }
    });
}
