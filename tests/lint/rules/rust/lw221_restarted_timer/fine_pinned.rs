//! The timer lives outside of the loop, and is reset by messages only.
use futures_util::StreamExt;
use std::time::Duration;
use tokio::time::{interval, sleep, Instant};
use tokio_tungstenite::connect_async;

pub async fn follow(url: &str) -> anyhow::Result<()> {
    let limit = Duration::from_secs(60);
    let (mut stream, _) = connect_async(url).await?;
    let mut reports = interval(Duration::from_secs(10));
    let silence = sleep(limit);
    tokio::pin!(silence);
    loop {
        tokio::select! {
            message = stream.next() => {
                silence.as_mut().reset(Instant::now() + limit);
                println!("{}", message.ok_or_else(|| anyhow::anyhow!("closed"))??);
            }
            _ = reports.tick() => tracing::info!("alive"),
            () = &mut silence => anyhow::bail!("silent"),
        }
    }
}
