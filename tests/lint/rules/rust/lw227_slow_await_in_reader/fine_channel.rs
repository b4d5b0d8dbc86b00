//! The reader hands over; its send is one of a channel.
use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio_tungstenite::connect_async;

pub async fn follow(url: &str, orders: &'static str) -> anyhow::Result<()> {
    let (mut stream, _) = connect_async(url).await?;
    let (work, mut worker) = mpsc::channel::<String>(64);
    tokio::spawn(async move {
        let client = reqwest::Client::new();
        while let Some(text) = worker.recv().await {
            let _ = client.post(orders).body(text).send().await;
        }
    });
    while let Some(message) = stream.next().await {
        work.send(message?.to_string()).await?;
    }
    Ok(())
}
