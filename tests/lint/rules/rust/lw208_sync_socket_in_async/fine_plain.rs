//! A program without async code.
use tungstenite::{connect, Message};

fn main() {
    let (mut socket, _) = connect("ws://localhost:9001").expect("a server");
    socket.send(Message::text("hello")).expect("a connection");
    loop {
        let message = socket.read().expect("a message");
        println!("{message}");
    }
}
