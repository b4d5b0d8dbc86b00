//! The outer loop makes a new connection, after a pause.
use futures_util::StreamExt;
use std::time::Duration;
use tokio_tungstenite::connect_async;

pub async fn run(url: &str) {
    loop {
        match connect_async(url).await {
            Ok((stream, _)) => {
                let (_, mut read) = stream.split();
                while let Some(Ok(message)) = read.next().await {
                    println!("{message}");
                }
                eprintln!("the connection is over");
            }
            Err(error) => eprintln!("{error}"),
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
}
