//! The request comes in front of the loop.
use futures_util::StreamExt;
use tokio_tungstenite::connect_async;

pub async fn follow(api: &str) -> anyhow::Result<()> {
    let url = reqwest::Client::new().get(api).send().await?.text().await?;
    let (mut stream, _) = connect_async(url).await?;
    while let Some(message) = stream.next().await {
        println!("{}", message?);
    }
    Ok(())
}
