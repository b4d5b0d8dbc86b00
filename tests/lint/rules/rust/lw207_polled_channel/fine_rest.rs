//! What has come meanwhile is taken, too; then the loop waits for the next.
use axum::extract::ws::{Message, WebSocket};
use tokio::sync::mpsc::Receiver;

pub async fn serve(mut socket: WebSocket, mut news: Receiver<String>) {
    while let Some(first) = news.recv().await {
        let mut text = first;
        loop {
            match news.try_recv() {
                Ok(more) => text.push_str(&more),
                Err(_) => break,
            }
        }
        if socket.send(Message::Text(text.into())).await.is_err() {
            return;
        }
    }
}
