//! A sleep of the thread between two messages is no pause for the tasks: none of them runs.
use std::time::Duration;

use futures_util::StreamExt;

pub async fn follow(address: &str) {
    let (mut quotes, _) = tokio_tungstenite::connect_async(address).await.unwrap();
    loop {
        std::thread::sleep(Duration::from_millis(10));
        match quotes.next().await {
            Some(Ok(quote)) => println!("{quote}"),
            _ => {} // LW201
        }
    }
}
