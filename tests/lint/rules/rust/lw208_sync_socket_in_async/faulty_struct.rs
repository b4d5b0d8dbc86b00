//! The socket is in a struct, and a task calls a plain method of it.
use std::net::TcpStream;
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

pub struct Client {
    socket: WebSocket<MaybeTlsStream<TcpStream>>,
}

impl Client {
    fn next_text(&mut self) -> Option<String> {
        match self.socket.read() { // LW208
            Ok(Message::Text(text)) => Some(text.to_string()),
            _ => None,
        }
    }

    pub async fn run(mut self) {
        while let Some(text) = self.next_text() {
            tokio::task::yield_now().await;
            println!("{text}");
        }
    }
}
