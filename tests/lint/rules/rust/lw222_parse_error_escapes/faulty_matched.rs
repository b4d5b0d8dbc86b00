//! A match that returns the error.
use serde_json::from_slice;
use tungstenite::connect;

pub fn follow(url: &str) -> anyhow::Result<()> {
    let (mut socket, _) = connect(url)?;
    loop {
        let data = socket.read()?.into_data();
        let value: serde_json::Value = match from_slice(&data) { // LW222
            Ok(value) => value,
            Err(error) => return Err(error.into()),
        };
        println!("{value}");
    }
}
