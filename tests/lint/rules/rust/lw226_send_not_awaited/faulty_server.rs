//! A server's handler, in the middle of a select.
use axum::extract::ws::{Message, WebSocket};
use tokio::sync::broadcast::Receiver;

pub async fn serve(mut socket: WebSocket, mut news: Receiver<String>) {
    loop {
        tokio::select! {
            item = news.recv() => {
                let Ok(item) = item else { return };
                let _ = socket.send(Message::Text(item.into())); // LW226
            }
            message = socket.recv() => {
                let Some(Ok(_)) = message else { return };
            }
        }
    }
}
