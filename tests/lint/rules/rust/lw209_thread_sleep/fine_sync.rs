//! A client without async code.
use std::{thread, time::Duration};
use tungstenite::connect;

fn main() {
    loop {
        if let Ok((mut socket, _)) = connect("ws://localhost:9001") {
            while let Ok(message) = socket.read() {
                println!("{message}");
            }
        }
        thread::sleep(Duration::from_secs(5));
    }
}
