//! Ok is taken for a wish to end.
use futures_util::StreamExt;
use std::time::Duration;
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub struct Client {
    url: String,
}

impl Client {
    async fn session(&self) -> anyhow::Result<()> {
        let (mut stream, _) = connect_async(&self.url).await?;
        loop {
            match stream.next().await {
                Some(Ok(Message::Text(text))) => println!("{text}"),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error.into()),
                None => return Ok(()),
            }
        }
    }

    pub async fn run(&self) {
        loop {
            match self.session().await { // LW224
                Ok(()) => break,
                Err(error) => tracing::warn!("{error}"),
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}
