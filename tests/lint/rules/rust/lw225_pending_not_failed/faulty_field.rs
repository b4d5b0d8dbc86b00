//! The map is a field, behind a lock of std.
use futures_util::StreamExt;
use std::collections::HashMap;
use std::sync::Mutex;
use tokio::sync::oneshot::Sender;
use tokio_tungstenite::{connect_async, tungstenite::Message};

#[derive(Default)]
pub struct Caller {
    waiting: Mutex<HashMap<String, Sender<String>>>,
}

impl Caller {
    pub async fn run(&self, url: &str) -> anyhow::Result<()> {
        let (mut socket, _) = connect_async(url).await?;
        loop {
            match socket.next().await {
                Some(Ok(Message::Text(text))) => {
                    let Some((id, answer)) = text.split_once(' ') else { continue };
                    let waiting = self.waiting.lock().unwrap().remove(id); // LW225
                    if let Some(waiting) = waiting {
                        let _ = waiting.send(answer.to_string());
                    }
                }
                Some(Ok(_)) => {}
                _ => return Ok(()),
            }
        }
    }
}
