//! A task with a supervisor around it.
use futures_util::{SinkExt, StreamExt};
use std::time::Duration;
use tokio_tungstenite::{connect_async, tungstenite::Message};

async fn listen(url: &str) -> Result<(), tokio_tungstenite::tungstenite::Error> {
    let (mut socket, _) = connect_async(url).await?;
    socket.send(Message::text("subscribe")).await?;
    while let Some(message) = socket.next().await {
        if let Message::Text(text) = message? {
            println!("{text}");
        }
    }
    Ok(())
}

pub fn start(url: &'static str) {
    tokio::spawn(async move {
        loop {
            if let Err(error) = listen(url).await { // LW224
                eprintln!("{error}");
                tokio::time::sleep(Duration::from_secs(3)).await;
                continue;
            }
            return;
        }
    });
}
