//! A thread with a blocking socket.
use std::sync::mpsc::SyncSender;
use tungstenite::{connect, Error, Message};

pub fn follow(url: &str, prices: SyncSender<String>) -> Result<(), Error> {
    let (mut socket, _) = connect(url)?;
    loop {
        match socket.read()? { // LW219
            Message::Text(text) => prices.send(text.to_string()).expect("a consumer"),
            Message::Close(_) => return Ok(()),
            _ => {}
        }
    }
}
