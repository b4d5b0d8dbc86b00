//! A socket of tungstenite sends at once.
use tungstenite::{connect, Message};

pub fn run(url: &str) -> tungstenite::Result<()> {
    let (mut socket, _) = connect(url)?;
    let _ = socket.send(Message::text("hello"));
    while let Ok(message) = socket.read() {
        println!("{message}");
    }
    let _ = socket.close(None);
    Ok(())
}
