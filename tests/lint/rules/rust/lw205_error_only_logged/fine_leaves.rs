//! An error leaves the loop.
use std::net::TcpStream;
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Error, WebSocket};

pub fn run(mut socket: WebSocket<MaybeTlsStream<TcpStream>>) -> Result<(), Error> {
    loop {
        match socket.read() {
            Ok(message) => println!("{message}"),
            Err(Error::ConnectionClosed) => return Ok(()),
            Err(error) => {
                eprintln!("cannot read: {error}");
                return Err(error);
            }
        }
    }
}
