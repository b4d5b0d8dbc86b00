//! A socket that does not block: an error says that there is nothing yet.
use std::net::TcpStream;
use std::time::Duration;
use tungstenite::{Error, WebSocket};

pub fn poll(mut socket: WebSocket<TcpStream>) -> tungstenite::Result<()> {
    socket.get_mut().set_nonblocking(true)?;
    loop {
        match socket.read() {
            Ok(message) => println!("{message}"),
            Err(Error::Io(error)) if error.kind() == std::io::ErrorKind::WouldBlock => {
                std::thread::sleep(Duration::from_millis(10));
            }
            Err(error) => return Err(error),
        }
    }
}
