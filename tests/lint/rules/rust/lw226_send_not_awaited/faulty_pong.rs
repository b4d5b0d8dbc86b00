//! The answer to a ping is made, and thrown away.
use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn run(url: &str) -> anyhow::Result<()> {
    let (socket, _) = connect_async(url).await?;
    let (mut write, mut read) = socket.split();
    while let Some(message) = read.next().await {
        match message? {
            Message::Ping(data) => {
                let _ = write.send(Message::Pong(data)); // LW226
            }
            other => println!("{other}"),
        }
    }
    Ok(())
}
