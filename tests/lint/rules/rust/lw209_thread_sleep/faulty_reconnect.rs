//! The pause before a new attempt, in a task, by an imported name.
use futures_util::StreamExt;
use std::{thread::sleep, time::Duration};
use tokio_tungstenite::connect_async;

pub fn start(url: &'static str) {
    tokio::spawn(async move {
        loop {
            match connect_async(url).await {
                Ok((mut stream, _)) => while let Some(Ok(message)) = stream.next().await {
                    println!("{message}");
                },
                Err(error) => {
                    eprintln!("{error}");
                    sleep(Duration::from_secs(5)); // LW209
                }
            }
        }
    });
}
