//! A reader that returns at the first message that is no trade.
use futures_util::StreamExt;
use serde::Deserialize;
use tokio::sync::mpsc::Sender;
use tokio_tungstenite::connect_async;

#[derive(Deserialize)]
pub struct Trade {
    pub price: f64,
}

pub async fn follow(url: &str, trades: Sender<Trade>) -> anyhow::Result<()> {
    let (mut stream, _) = connect_async(url).await?;
    while let Some(message) = stream.next().await {
        let trade = serde_json::from_str(message?.to_text()?)?; // LW222
        trades.send(trade).await?;
    }
    Ok(())
}
