//! A thread with a socket of tungstenite: what is no message is passed over.
use std::net::TcpStream;
use std::sync::mpsc::Sender;
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

pub fn pump(mut socket: WebSocket<MaybeTlsStream<TcpStream>>, lines: Sender<String>) {
    std::thread::spawn(move || loop {
        let received = socket.read();
        if let Ok(Message::Text(text)) = received { // LW201
            lines.send(text.to_string()).expect("somebody listens");
        }
    });
}
