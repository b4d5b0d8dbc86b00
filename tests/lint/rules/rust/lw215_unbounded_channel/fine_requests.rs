//! What has no bound goes the other way: a few requests.
use futures_util::{SinkExt, StreamExt};
use tokio::sync::mpsc;
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn start(url: &str) -> anyhow::Result<mpsc::UnboundedSender<String>> {
    let (stream, _) = connect_async(url).await?;
    let (mut write, mut read) = stream.split();
    let (ask, mut asked) = mpsc::unbounded_channel::<String>();
    ask.send("hello".into())?;
    tokio::spawn(async move {
        while let Some(text) = asked.recv().await {
            if write.send(Message::text(text)).await.is_err() {
                break;
            }
        }
    });
    while let Some(message) = read.next().await {
        println!("{}", message?);
    }
    Ok(ask)
}
