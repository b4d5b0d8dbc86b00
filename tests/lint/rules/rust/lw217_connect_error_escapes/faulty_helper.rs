//! The connect is in a function of its own, with its answer to the login.
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::{connect_async, tungstenite::Message, MaybeTlsStream, WebSocketStream};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn open(url: &str) -> anyhow::Result<Socket> {
    let (mut socket, _) = connect_async(url).await?;
    socket.send(Message::text("login")).await?;
    Ok(socket)
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    loop {
        let mut socket = open("wss://feed.example/").await?; // LW217
        while let Some(message) = socket.next().await {
            match message {
                Ok(message) => println!("{message}"),
                Err(error) => eprintln!("{error}"),
            }
        }
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
}
