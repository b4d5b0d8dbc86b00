//! A reader that knows of text only.
use futures_util::StreamExt;
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn read(url: &str) -> anyhow::Result<()> {
    let (mut stream, _) = connect_async(url).await?;
    while let Some(message) = stream.next().await {
        match message? {
            Message::Text(text) => println!("{text}"),
            Message::Close(_) => break,
            _ => unreachable!("the server sends text only"), // LW213
        }
    }
    Ok(())
}
