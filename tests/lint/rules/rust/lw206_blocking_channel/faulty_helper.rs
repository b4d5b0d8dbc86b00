//! A field of a struct, waited for in a helper with a limit of time; and a channel of flume.
use axum::extract::ws::{Message, WebSocket};
use std::time::Duration;

pub struct Jobs {
    results: flume::Receiver<String>,
}

impl Jobs {
    fn result(&self) -> Option<String> {
        self.results.recv_timeout(Duration::from_secs(5)).ok() // LW206
    }

    pub async fn serve(&self, mut socket: WebSocket) {
        while let Some(Ok(_)) = socket.recv().await {
            if let Some(result) = self.result() {
                let _ = socket.send(Message::Text(result.into())).await;
            }
        }
        let _last = self.results.recv(); // LW206
    }
}
