//! A plain function that a handler of axum calls.
use axum::extract::ws::{Message, WebSocket};
use std::time::Duration;

fn render(text: &str) -> String {
    std::thread::sleep(Duration::from_millis(50)); // LW209
    text.to_uppercase()
}

pub async fn serve(mut socket: WebSocket) {
    while let Some(Ok(message)) = socket.recv().await {
        let Ok(text) = message.to_text() else { continue };
        if socket.send(Message::Text(render(text).into())).await.is_err() {
            break;
        }
    }
}
