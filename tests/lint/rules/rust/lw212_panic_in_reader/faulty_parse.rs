//! A task that takes it for granted that every message is a trade.
use futures_util::StreamExt;
use serde::Deserialize;
use tokio::sync::mpsc::Sender;
use tokio_tungstenite::connect_async;

#[derive(Deserialize)]
pub struct Trade {
    pub price: f64,
}

pub async fn start(url: &str, trades: Sender<Trade>) -> anyhow::Result<()> {
    let (mut stream, _) = connect_async(url).await?;
    tokio::spawn(async move {
        while let Some(message) = stream.next().await {
            let message = message.unwrap(); // LW212
            let trade = serde_json::from_str(message.to_text().expect("text")).unwrap(); // LW212
            if trades.send(trade).await.is_err() {
                break;
            }
        }
    });
    Ok(())
}
