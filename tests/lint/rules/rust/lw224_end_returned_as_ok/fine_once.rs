//! No loop: the program ends with the connection.
use futures_util::StreamExt;
use tokio_tungstenite::connect_async;

async fn attend(url: &str) -> anyhow::Result<()> {
    let (mut stream, _) = connect_async(url).await?;
    while let Some(message) = stream.next().await {
        println!("{}", message?);
    }
    Ok(())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    attend("wss://feed.example/").await
}
