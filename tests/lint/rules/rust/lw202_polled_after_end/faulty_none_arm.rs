//! The end has an arm of its own, which does nothing.
use futures_util::StreamExt;
use tokio_tungstenite::{connect_async, tungstenite::Message};
use tracing::warn;

pub async fn listen(url: &str) -> anyhow::Result<()> {
    let (ws_stream, _) = connect_async(url).await?;
    let (_, mut read) = ws_stream.split();
    loop {
        match read.next().await {
            Some(Ok(Message::Binary(data))) => println!("{} bytes", data.len()),
            Some(Ok(_)) => {}
            Some(Err(error)) => warn!("cannot read: {error}"),
            None => warn!("nothing there"), // LW202
        }
    }
}
