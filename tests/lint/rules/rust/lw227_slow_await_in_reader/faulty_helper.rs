//! The request is in a function that is called for a message.
use futures_util::StreamExt;
use tokio_tungstenite::connect_async;

async fn details(id: &str) -> anyhow::Result<String> {
    let answer = reqwest::get(format!("https://api.example/items/{id}")).await?;
    Ok(answer.text().await?)
}

pub async fn follow(url: &str) -> anyhow::Result<()> {
    let (mut stream, _) = connect_async(url).await?;
    while let Some(Ok(message)) = stream.next().await {
        let text = details(&message.to_string()).await?; // LW227
        println!("{text}");
    }
    Ok(())
}
