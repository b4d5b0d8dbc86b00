//! Parsed with care, and then taken apart as if every message had the same parts.

use futures_util::StreamExt;
use serde_json::Value;
use tokio_tungstenite::{connect_async, tungstenite::Message};

async fn follow(url: String) {
    let Ok((stream, _)) = connect_async(url).await else {
        return;
    };
    let (_, mut read) = stream.split();
    while let Some(message) = read.next().await {
        match message {
            Ok(Message::Text(text)) => {
                if let Ok(parsed) = serde_json::from_str::<Value>(&text) {
                    let at = parsed.get("timestamp").unwrap(); // LW212
                    println!("{}", at.as_i64().unwrap()); // LW212
                }
            }
            Ok(_) => {}
            Err(error) => {
                eprintln!("lost: {error}");
                break;
            }
        }
    }
}

#[tokio::main]
async fn main() {
    let task = tokio::spawn(follow("wss://feed.example".into()));
    tokio::signal::ctrl_c().await.unwrap();
    task.abort();
}
