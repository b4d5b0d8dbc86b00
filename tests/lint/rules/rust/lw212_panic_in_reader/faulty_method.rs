//! The loop is a method, started as a task elsewhere.
use futures_util::stream::SplitStream;
use futures_util::StreamExt;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::{connect_async, tungstenite::Message, MaybeTlsStream, WebSocketStream};

struct Reader(SplitStream<WebSocketStream<MaybeTlsStream<TcpStream>>>);

impl Reader {
    async fn run(mut self) {
        loop {
            let Some(Ok(message)) = self.0.next().await else {
                return;
            };
            if let Message::Text(text) = message {
                let value: Value = serde_json::from_str(&text).unwrap(); // LW212
                println!("{}", value["price"]);
            }
        }
    }
}

pub async fn start(url: &str) -> anyhow::Result<tokio::task::JoinHandle<()>> {
    let (stream, _) = connect_async(url).await?;
    let (_, read) = stream.split();
    Ok(tokio::spawn(Reader(read).run()))
}
