//! The whole socket is behind a lock; who wants to send waits for the next message.
use futures_util::{SinkExt, StreamExt};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio_tungstenite::{tungstenite::Message, MaybeTlsStream, WebSocketStream};

#[derive(Clone)]
pub struct Client {
    socket: Arc<Mutex<WebSocketStream<MaybeTlsStream<TcpStream>>>>,
}

impl Client {
    pub async fn read(&self) -> anyhow::Result<()> {
        while let Some(message) = self.socket.lock().await.next().await { // LW214
            println!("{}", message?);
        }
        Ok(())
    }

    pub async fn send(&self, text: String) -> anyhow::Result<()> {
        Ok(self.socket.lock().await.send(Message::text(text)).await?)
    }
}
