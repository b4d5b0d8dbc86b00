//! The catch-all marks the connection as lost; the loop connects anew, after a pause.
use futures_util::StreamExt;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::{connect_async, tungstenite::Message, MaybeTlsStream, WebSocketStream};

pub struct Client {
    url: String,
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Client {
    async fn reconnect(&mut self) {
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            if let Ok((stream, _)) = connect_async(&self.url).await {
                self.stream = stream;
                return;
            }
        }
    }

    pub async fn run(&mut self) {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => println!("{text}"),
                Some(Ok(_)) => {}
                _ => self.reconnect().await,
            }
        }
    }
}
