//! A loop that ends with an empty channel, in one that does not; a channel of tokio.
use axum::extract::ws::{Message, WebSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::mpsc;

static RUNNING: AtomicBool = AtomicBool::new(true);

pub async fn serve(mut socket: WebSocket, mut news: mpsc::UnboundedReceiver<String>) {
    while RUNNING.load(Ordering::Relaxed) {
        while let Ok(item) = news.try_recv() { // LW207
            if socket.send(Message::Text(item.into())).await.is_err() {
                return;
            }
        }
    }
}
