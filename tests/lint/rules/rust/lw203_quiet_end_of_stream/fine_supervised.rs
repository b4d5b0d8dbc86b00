//! The task is waited for; whoever waits knows that it is over.
use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn run(url: &str, texts: Vec<String>) -> anyhow::Result<()> {
    let (stream, _) = connect_async(url).await?;
    let (mut write, mut read) = stream.split();
    let mut reading = tokio::spawn(async move {
        while let Some(Ok(message)) = read.next().await {
            println!("{message}");
        }
    });
    for text in texts {
        write.send(Message::text(text)).await?;
    }
    (&mut reading).await?;
    anyhow::bail!("the connection is over");
}
