//! The state of all is locked by the first who comes.
use axum::extract::ws::{Message, WebSocket};
use std::sync::Arc;
use tokio::sync::Mutex;

#[derive(Default)]
pub struct State {
    visitors: Vec<String>,
}

pub async fn serve(mut socket: WebSocket, state: Arc<Mutex<State>>) {
    let mut state = state.lock().await; // LW214
    while let Some(Ok(message)) = socket.recv().await {
        if let Message::Text(text) = message {
            state.visitors.push(text.to_string());
        }
    }
}
