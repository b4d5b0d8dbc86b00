//! The arm takes whatever comes.
use futures_util::StreamExt;
use std::time::Duration;
use tokio_tungstenite::connect_async;

pub async fn watch(url: &str) -> anyhow::Result<()> {
    let (mut stream, _) = connect_async(url).await?;
    let mut reports = tokio::time::interval(Duration::from_secs(60));
    loop {
        tokio::select! {
            message = stream.next() => match message {
                Some(message) => println!("{}", message?),
                None => anyhow::bail!("closed"),
            },
            _ = reports.tick() => println!("alive"),
        }
    }
}
