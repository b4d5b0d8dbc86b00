//! A handler that has not yet thought of pings.
use axum::extract::ws::{Message, WebSocket};

pub async fn serve(mut socket: WebSocket) {
    while let Some(Ok(message)) = socket.recv().await {
        match message {
            Message::Text(text) => println!("{text}"),
            Message::Binary(data) => println!("{} bytes", data.len()),
            Message::Ping(_) | Message::Pong(_) => todo!(), // LW213
            Message::Close(_) => break,
        }
    }
}
