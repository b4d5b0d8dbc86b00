//! The match is over what is in the text.
use futures_util::StreamExt;
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn read(url: &str) -> anyhow::Result<()> {
    let (mut stream, _) = connect_async(url).await?;
    while let Some(Ok(message)) = stream.next().await {
        let Message::Text(text) = message else { continue };
        match text.as_str() {
            "hello" => println!("hello"),
            _ => unreachable!("it says nothing else"),
        }
    }
    Ok(())
}
