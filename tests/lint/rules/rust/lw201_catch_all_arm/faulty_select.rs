//! A select over the socket and the requests; the result of the socket goes to a variable first.
use futures::{SinkExt, StreamExt};
use tokio::sync::mpsc;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

pub async fn attend(url: &str, mut requests: mpsc::Receiver<String>) -> anyhow::Result<()> {
    let (ws, _) = connect_async(url).await?;
    let (mut write, mut read) = ws.split();
    loop {
        tokio::select! {
            request = requests.recv() => match request {
                Some(text) => write.send(Message::Text(text.into())).await?,
                None => return Ok(()),
            },
            message = read.next() => {
                if let Some(Ok(message)) = message { // LW201
                    if message.is_text() {
                        println!("{}", message.to_text()?);
                    }
                }
            }
        }
    }
}
