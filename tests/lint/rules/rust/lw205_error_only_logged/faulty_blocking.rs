//! A thread that reads with tungstenite, and prints errors.
use std::net::TcpStream;
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{connect, WebSocket};

struct Watcher {
    socket: WebSocket<MaybeTlsStream<TcpStream>>,
}

impl Watcher {
    fn run(&mut self) {
        loop {
            match self.socket.read() {
                Ok(message) => println!("{message}"),
                Err(error) => eprintln!("cannot read: {error}"), // LW205
            }
        }
    }
}

fn main() {
    let (socket, _) = connect("ws://localhost:9001").expect("a server");
    Watcher { socket }.run();
}
