//! The interval is longer than the limit.
use futures_util::StreamExt;
use std::time::Duration;
use tokio_tungstenite::connect_async;

pub async fn follow(url: &str) -> anyhow::Result<()> {
    let (mut stream, _) = connect_async(url).await?;
    let mut reports = tokio::time::interval(Duration::from_secs(300));
    loop {
        tokio::select! {
            message = stream.next() => match message {
                Some(message) => println!("{}", message?),
                None => return Ok(()),
            },
            _ = reports.tick() => tracing::info!("alive"),
            _ = tokio::time::sleep(Duration::from_millis(30_000)) => anyhow::bail!("silent"),
        }
    }
}
