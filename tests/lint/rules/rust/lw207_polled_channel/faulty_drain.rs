//! All that is there is sent, then the loop begins anew.
use flume::Receiver;
use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn run(url: &str, requests: Receiver<String>) -> anyhow::Result<()> {
    let (stream, _) = connect_async(url).await?;
    let (mut write, mut read) = stream.split();
    tokio::spawn(async move {
        while let Some(message) = read.next().await {
            println!("{message:?}");
        }
    });
    loop {
        for request in requests.drain() { // LW207
            write.send(Message::text(request)).await?;
        }
    }
}
