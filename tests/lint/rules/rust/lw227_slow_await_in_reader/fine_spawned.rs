//! A task makes the request.
use futures_util::StreamExt;
use tokio_tungstenite::connect_async;

pub async fn follow(url: &str, orders: &'static str) -> anyhow::Result<()> {
    let client = reqwest::Client::new();
    let (mut stream, _) = connect_async(url).await?;
    while let Some(message) = stream.next().await {
        let request = client.post(orders).body(message?.to_string());
        tokio::spawn(async move {
            if let Err(error) = request.send().await {
                tracing::warn!("{error}");
            }
        });
    }
    Ok(())
}
