//! A connection for each symbol: the loop does not connect anew.
use futures_util::StreamExt;
use tokio_tungstenite::connect_async;

pub async fn watch(symbols: Vec<String>) -> anyhow::Result<()> {
    let mut all = Vec::new();
    for symbol in symbols {
        let (mut stream, _) = connect_async(format!("wss://feed.example/{symbol}")).await?;
        all.push(tokio::spawn(async move {
            while let Some(Ok(message)) = stream.next().await {
                println!("{symbol} {message}");
            }
        }));
    }
    for one in all {
        one.await?;
    }
    Ok(())
}
