//! An axum handler which answers commands, with a limit of time to each receive.
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use std::time::Duration;
use tokio::time::timeout;

pub async fn upgrade(ws: WebSocketUpgrade) -> Response {
    ws.on_upgrade(|socket| serve(socket))
}

async fn serve(mut socket: WebSocket) {
    loop {
        let Ok(Some(Ok(message))) = timeout(Duration::from_secs(30), socket.recv()).await else { // LW201
            continue;
        };
        match message {
            Message::Text(text) if text == "quit" => break,
            Message::Text(text) => {
                let _ = socket.send(Message::Text(text)).await;
            }
            _ => {}
        }
    }
}
