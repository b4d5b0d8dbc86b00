//! A pause on every way.
use futures_util::StreamExt;
use std::time::Duration;
use tokio::time::sleep;
use tokio_tungstenite::connect_async;

pub async fn run(url: &str) {
    let mut delay = Duration::from_millis(500);
    loop {
        if let Ok((mut stream, _)) = connect_async(url).await {
            while let Some(Ok(message)) = stream.next().await {
                println!("{message}");
            }
            delay = Duration::from_millis(500);
        }
        sleep(delay).await;
        delay = Duration::from_secs(60).min(delay * 2);
    }
}
