//! The error is matched, and the loop goes on.
use futures_util::StreamExt;
use std::time::Duration;
use tokio_tungstenite::connect_async;

pub async fn run(url: &str) {
    loop {
        match connect_async(url).await {
            Ok((mut stream, _)) => {
                while let Some(Ok(message)) = stream.next().await {
                    println!("{message}");
                }
            }
            Err(error) => tracing::warn!("cannot connect: {error}"),
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
