//! The sender is kept beside the receiver: the channel is never closed.
use futures_util::{SinkExt, StreamExt};
use tokio::sync::{broadcast, mpsc};
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn run(url: &str, mut news: broadcast::Receiver<String>) -> anyhow::Result<()> {
    let (socket, _) = connect_async(url).await?;
    let (mut write, mut read) = socket.split();
    let (replies, mut to_send) = mpsc::channel::<String>(16);
    loop {
        tokio::select! {
            reply = to_send.recv() => {
                if let Some(reply) = reply {
                    write.send(Message::text(reply)).await?;
                }
            }
            item = news.recv() => match item {
                Ok(item) => replies.send(item).await?,
                Err(_) => continue,
            },
            message = read.next() => match message {
                Some(message) => replies.send(message?.to_string()).await?,
                None => return Ok(()),
            },
        }
    }
}
