//! An async function with the blocking socket.
use tungstenite::{connect, Message};

pub async fn watch(url: String, prices: tokio::sync::mpsc::Sender<String>) -> anyhow::Result<()> {
    let (mut socket, _response) = connect(url)?; // LW208
    socket.send(Message::text("subscribe"))?; // LW208
    while let Ok(message) = socket.read() { // LW208
        prices.send(message.to_string()).await?;
    }
    Ok(())
}
