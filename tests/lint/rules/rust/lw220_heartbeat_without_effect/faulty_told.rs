//! Pongs are told, each kind in its way, and nobody misses one.

use futures_util::{SinkExt, StreamExt};
use tokio::{sync::mpsc, time::{interval, Duration}};
use tokio_tungstenite::{connect_async, tungstenite::Message};

async fn follow(url: &str) -> anyhow::Result<()> {
    let (stream, _) = connect_async(url).await?;
    let (mut write, mut read) = stream.split();
    let (tx, mut rx) = mpsc::channel::<Message>(8);
    let writer = tokio::spawn(async move {
        while let Some(message) = rx.recv().await {
            if write.send(message).await.is_err() {
                break;
            }
        }
    });
    let pings = tokio::spawn(async move {
        let mut every = interval(Duration::from_secs(30));
        loop {
            every.tick().await;
            if tx.send(Message::Ping(vec![].into())).await.is_err() { // LW220
                break;
            }
        }
    });
    while let Some(message) = read.next().await {
        match message? {
            Message::Pong(bytes) => {
                if bytes.is_empty() {
                    println!("pong");
                } else {
                    println!("pong of {} bytes", bytes.len());
                }
            }
            Message::Text(text) => println!("{text}"),
            _ => {}
        }
    }
    pings.abort();
    writer.abort();
    Ok(())
}
