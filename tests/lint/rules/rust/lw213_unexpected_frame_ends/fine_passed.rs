//! Pings and pongs have passed before what is left is an error.
use futures_util::StreamExt;
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn read(url: &str) -> anyhow::Result<()> {
    let (mut stream, _) = connect_async(url).await?;
    while let Some(message) = stream.next().await {
        match message? {
            Message::Text(text) => println!("{text}"),
            Message::Ping(_) => tracing::debug!("ping"),
            Message::Pong(_) => tracing::debug!("pong"),
            other => anyhow::bail!("not understood: {other:?}"),
        }
    }
    Ok(())
}
