//! The task is a method; its handle goes to a name that nobody uses.
use futures_util::stream::SplitStream;
use futures_util::StreamExt;
use std::collections::HashMap;
use tokio::net::TcpStream;
use tokio_tungstenite::{connect_async, tungstenite::Error, MaybeTlsStream, WebSocketStream};

#[derive(Default)]
pub struct Book {
    levels: HashMap<String, String>,
}

impl Book {
    async fn follow(
        mut self,
        mut read: SplitStream<WebSocketStream<MaybeTlsStream<TcpStream>>>,
    ) -> Result<(), Error> {
        while let Some(message) = read.next().await {
            let text = message?.to_string();
            self.levels.insert(text.clone(), text);
        }
        Ok(())
    }
}

pub async fn open(url: &str) -> Result<(), Error> {
    let (socket, _) = connect_async(url).await?;
    let (_write, read) = socket.split();
    let _ = tokio::spawn(Book::default().follow(read)); // LW211
    Ok(())
}
