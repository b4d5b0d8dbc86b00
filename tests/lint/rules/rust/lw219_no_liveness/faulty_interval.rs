//! An interval in the same file that has nothing to do with the connection.

use futures_util::{SinkExt, StreamExt};
use std::sync::Arc;
use tokio::sync::RwLock;
use tokio_tungstenite::{connect_async, tungstenite::Message};

#[derive(Clone)]
struct Feed {
    url: String,
    prices: Arc<RwLock<Vec<String>>>,
}

impl Feed {
    async fn run(&self) -> anyhow::Result<()> {
        let (stream, _) = connect_async(&self.url).await?;
        let (mut write, mut read) = stream.split();
        write.send(Message::Text("subscribe".into())).await?;
        while let Some(message) = read.next().await { // LW219
            match message? {
                Message::Text(text) => self.prices.write().await.push(text.to_string()),
                Message::Ping(payload) => write.send(Message::Pong(payload)).await?,
                _ => {}
            }
        }
        Ok(())
    }
}

#[tokio::main]
async fn main() {
    let feed = Feed { url: "wss://feed.example".into(), prices: Arc::default() };
    let reader = tokio::spawn({
        let feed = feed.clone();
        async move { feed.run().await }
    });
    let mut interval = tokio::time::interval(std::time::Duration::from_secs(5));
    while !reader.is_finished() {
        interval.tick().await;
        println!("{} prices", feed.prices.read().await.len());
    }
}
