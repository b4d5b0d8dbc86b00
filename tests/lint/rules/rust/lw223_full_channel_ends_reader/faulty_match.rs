//! A server's handler does the same, with a message.
use axum::extract::ws::{Message, WebSocket};
use tokio::sync::mpsc::Sender;

pub async fn serve(mut socket: WebSocket, work: Sender<String>) {
    while let Some(Ok(message)) = socket.recv().await {
        let Message::Text(text) = message else { continue };
        match work.try_send(text.to_string()) { // LW223
            Ok(()) => {}
            Err(error) => {
                tracing::error!("the worker is gone: {error}");
                return;
            }
        }
    }
}
