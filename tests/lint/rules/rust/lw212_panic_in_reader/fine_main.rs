//! A program that ends with a panic says so.
use futures_util::StreamExt;
use tokio_tungstenite::connect_async;

#[tokio::main]
async fn main() {
    let (mut stream, _) = connect_async("ws://feed.example/").await.unwrap();
    while let Some(message) = stream.next().await {
        let value: serde_json::Value =
            serde_json::from_str(message.unwrap().to_text().unwrap()).unwrap();
        println!("{value}");
    }
}
