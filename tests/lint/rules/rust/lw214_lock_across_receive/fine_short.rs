//! A lock is taken for a message, and let go of before the next.
use axum::extract::ws::{Message, WebSocket};
use std::sync::Arc;
use tokio::sync::Mutex;

pub async fn serve(mut socket: WebSocket, log: Arc<Mutex<Vec<String>>>) {
    let first = log.lock().await.len();
    while let Some(Ok(message)) = socket.recv().await {
        let mut log = log.lock().await;
        if let Message::Text(text) = message {
            log.push(format!("{first} {text}"));
        }
    }
}
