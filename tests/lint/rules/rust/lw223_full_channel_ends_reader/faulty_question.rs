//! The error of a full channel is returned.
use futures_util::StreamExt;
use tokio::sync::mpsc::Sender;
use tokio_tungstenite::connect_async;

pub struct Reader {
    texts: Sender<String>,
}

impl Reader {
    pub async fn run(&self, url: &str) -> anyhow::Result<()> {
        let (mut stream, _) = connect_async(url).await?;
        loop {
            match stream.next().await {
                Some(message) => self.texts.try_send(message?.to_string())?, // LW223
                None => return Ok(()),
            }
        }
    }
}
