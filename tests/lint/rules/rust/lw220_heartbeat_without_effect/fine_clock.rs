//! What was received last is noted, and looked at.
use futures_util::{SinkExt, StreamExt};
use std::time::{Duration, Instant};
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn follow(url: &str) -> anyhow::Result<()> {
    let (mut stream, _) = connect_async(url).await?;
    let mut beat = tokio::time::interval(Duration::from_secs(20));
    let mut seen = Instant::now();
    loop {
        tokio::select! {
            _ = beat.tick() => {
                if seen.elapsed() > Duration::from_secs(50) {
                    anyhow::bail!("silent");
                }
                stream.send(Message::Ping(vec![].into())).await?;
            }
            message = stream.next() => {
                seen = Instant::now();
                println!("{}", message.ok_or_else(|| anyhow::anyhow!("closed"))??);
            }
        }
    }
}
