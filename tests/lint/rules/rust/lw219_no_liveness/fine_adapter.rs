//! Whoever asks for the next message watches over the connection.
use futures_util::StreamExt;
use tokio::net::TcpStream;
use tokio_tungstenite::{connect_async, tungstenite::Message, MaybeTlsStream, WebSocketStream};

pub struct Link(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Link {
    pub async fn open(url: &str) -> anyhow::Result<Link> {
        Ok(Link(connect_async(url).await?.0))
    }

    pub async fn text(&mut self) -> anyhow::Result<String> {
        loop {
            let Some(message) = self.0.next().await else { anyhow::bail!("closed") };
            match message? {
                Message::Text(text) => return Ok(text.to_string()),
                other => return Ok(format!("{} bytes", other.len())),
            }
        }
    }
}
