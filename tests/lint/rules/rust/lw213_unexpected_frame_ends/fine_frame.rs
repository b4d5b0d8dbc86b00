//! A frame is never read.
use futures_util::StreamExt;
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn read(url: &str) -> anyhow::Result<()> {
    let (mut stream, _) = connect_async(url).await?;
    while let Some(message) = stream.next().await {
        match message? {
            Message::Text(text) => println!("{text}"),
            Message::Binary(_) | Message::Ping(_) | Message::Pong(_) => {}
            Message::Close(_) => break,
            Message::Frame(_) => unreachable!("reading makes messages of frames"),
        }
    }
    Ok(())
}
