//! A failed connect leaves the loop; whoever called knows what to do.
use futures_util::StreamExt;
use std::time::Duration;
use tokio_tungstenite::{connect_async, tungstenite::Error};

pub async fn run(url: &str) -> Result<(), Error> {
    loop {
        let (mut stream, _) = connect_async(url).await?;
        while let Some(Ok(message)) = stream.next().await {
            println!("{message}");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
