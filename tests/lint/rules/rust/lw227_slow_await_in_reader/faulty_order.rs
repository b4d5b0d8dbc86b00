//! Every message leads to a request, which the reader waits for.
use futures_util::StreamExt;
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn trade(url: &str, orders: &str) -> anyhow::Result<()> {
    let client = reqwest::Client::new();
    let (mut stream, _) = connect_async(url).await?;
    while let Some(message) = stream.next().await {
        if let Message::Text(text) = message? {
            let answer = client.post(orders).body(text.to_string()).send().await?; // LW227
            println!("{}", answer.status());
        }
    }
    Ok(())
}
