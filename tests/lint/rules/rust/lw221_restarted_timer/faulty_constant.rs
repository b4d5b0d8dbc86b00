//! The times are constants, so that it is likely and not sure.
use futures_util::StreamExt;
use std::time::Duration;
use tokio::time::{interval, sleep};
use tokio_tungstenite::connect_async;

const SILENCE: Duration = Duration::from_secs(90);
const REPORT: Duration = Duration::from_secs(10);

pub async fn follow(url: &str) -> anyhow::Result<u64> {
    let (mut stream, _) = connect_async(url).await?;
    let mut reports = interval(REPORT);
    let mut count = 0;
    loop {
        tokio::select! {
            message = stream.next() => {
                let Some(Ok(_)) = message else { return Ok(count) };
                count += 1;
            }
            _ = reports.tick() => tracing::info!("{count} messages"),
            _ = sleep(SILENCE) => { // LW221
                tracing::warn!("silent");
                break;
            }
        }
    }
    Ok(count)
}
