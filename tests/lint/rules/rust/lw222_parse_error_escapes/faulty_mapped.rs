//! The error is made into another one first.
use futures_util::stream::SplitStream;
use futures_util::StreamExt;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::{tungstenite::Message, MaybeTlsStream, WebSocketStream};

#[derive(Debug)]
pub enum FeedError {
    Socket(tokio_tungstenite::tungstenite::Error),
    Parse(serde_json::Error),
}

pub async fn run(
    mut read: SplitStream<WebSocketStream<MaybeTlsStream<TcpStream>>>,
) -> Result<(), FeedError> {
    loop {
        match read.next().await {
            Some(Ok(Message::Text(text))) => {
                let value: Value = serde_json::from_str(&text).map_err(FeedError::Parse)?; // LW222
                println!("{}", value["price"]);
            }
            Some(Ok(_)) => continue,
            Some(Err(error)) => return Err(FeedError::Socket(error)),
            None => return Ok(()),
        }
    }
}
