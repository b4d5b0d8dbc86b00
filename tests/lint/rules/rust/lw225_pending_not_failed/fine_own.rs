//! The map is the reader's own, and goes with it.
use futures_util::StreamExt;
use std::collections::HashMap;
use tokio::sync::{mpsc, oneshot};
use tokio_tungstenite::connect_async;

pub async fn run(
    url: &str,
    mut asked: mpsc::Receiver<(usize, oneshot::Sender<String>)>,
) -> anyhow::Result<()> {
    let (mut socket, _) = connect_async(url).await?;
    let mut pending: HashMap<usize, oneshot::Sender<String>> = HashMap::new();
    loop {
        tokio::select! {
            Some((id, waiting)) = asked.recv() => {
                pending.insert(id, waiting);
            }
            message = socket.next() => {
                let Some(message) = message else { return Ok(()) };
                let text = message?.to_string();
                if let Some(waiting) = pending.remove(&text.len()) {
                    let _ = waiting.send(text);
                }
            }
        }
    }
}
