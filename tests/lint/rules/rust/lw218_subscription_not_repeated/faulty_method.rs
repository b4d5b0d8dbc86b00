//! A method connects anew; only the constructor's part of run subscribes.
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::{connect_async, tungstenite::Message, MaybeTlsStream, WebSocketStream};

pub struct Feed {
    url: String,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Feed {
    async fn renew(&mut self) -> anyhow::Result<()> {
        self.socket = connect_async(&self.url).await?.0;
        Ok(())
    }

    pub async fn run(&mut self, subscription: String) -> anyhow::Result<()> {
        self.socket.send(Message::text(subscription)).await?;
        loop {
            match self.socket.next().await {
                Some(Ok(message)) => println!("{message}"),
                _ => {
                    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                    self.renew().await?; // LW218
                }
            }
        }
    }
}
