//! After an error, the loop has a new socket.
use std::net::TcpStream;
use std::time::Duration;
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{connect, WebSocket};

fn open() -> WebSocket<MaybeTlsStream<TcpStream>> {
    loop {
        if let Ok((socket, _)) = connect("ws://localhost:9001") {
            return socket;
        }
        std::thread::sleep(Duration::from_secs(1));
    }
}

fn main() {
    let mut socket = open();
    loop {
        match socket.read() {
            Ok(message) => println!("{message}"),
            Err(error) => {
                eprintln!("cannot read: {error}");
                socket = open();
            }
        }
    }
}
