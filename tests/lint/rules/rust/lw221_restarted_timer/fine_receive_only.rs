//! Only messages begin the time anew: that is what it is for.
use futures_util::StreamExt;
use std::time::Duration;
use tokio_tungstenite::connect_async;

pub async fn follow(url: &str) -> anyhow::Result<()> {
    let (mut stream, _) = connect_async(url).await?;
    loop {
        tokio::select! {
            message = stream.next() => match message {
                Some(message) => println!("{}", message?),
                None => return Ok(()),
            },
            _ = tokio::time::sleep(Duration::from_secs(60)) => anyhow::bail!("silent"),
        }
    }
}
