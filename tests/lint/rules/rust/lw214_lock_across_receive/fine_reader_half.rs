//! The lock is over the reader's half, which only the reader uses.
use futures_util::stream::SplitStream;
use futures_util::StreamExt;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

type Reader = Arc<Mutex<SplitStream<WebSocketStream<MaybeTlsStream<TcpStream>>>>>;

pub async fn read(reader: Reader) -> anyhow::Result<()> {
    while let Some(message) = reader.lock().await.next().await {
        println!("{}", message?);
    }
    Ok(())
}

pub async fn read_too(reader: Reader) -> anyhow::Result<()> {
    let mut guard = reader.lock().await;
    while let Some(message) = guard.next().await {
        println!("{}", message?);
    }
    Ok(())
}
