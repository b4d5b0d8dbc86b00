//! A server: a connection of a visitor is over.
use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::response::Response;
use futures_util::StreamExt;

pub async fn upgrade(ws: WebSocketUpgrade) -> Response {
    ws.on_upgrade(|socket: WebSocket| async move {
        let (_, mut receiver) = socket.split();
        tokio::spawn(async move {
            while let Some(Ok(message)) = receiver.next().await {
                println!("{message:?}");
            }
        });
    })
}
