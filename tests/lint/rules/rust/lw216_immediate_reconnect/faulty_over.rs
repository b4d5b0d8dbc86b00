//! Where it fails there is a pause, but not where the connection is over.
use futures_util::StreamExt;
use std::time::Duration;
use tokio_tungstenite::connect_async;

pub async fn run(url: &str) {
    loop {
        let mut stream = match connect_async(url).await { // LW216
            Ok((stream, _)) => stream,
            Err(error) => {
                eprintln!("cannot connect: {error}");
                tokio::time::sleep(Duration::from_secs(5)).await;
                continue;
            }
        };
        while let Some(message) = stream.next().await {
            match message {
                Ok(message) => println!("{message}"),
                Err(_) => break,
            }
        }
    }
}
