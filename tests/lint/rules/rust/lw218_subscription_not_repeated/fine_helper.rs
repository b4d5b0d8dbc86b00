//! A function connects and subscribes, for the first time and for all others.
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::{connect_async, tungstenite::Message, MaybeTlsStream, WebSocketStream};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn open(url: &str) -> anyhow::Result<Socket> {
    let (mut socket, _) = connect_async(url).await?;
    socket.send(Message::text(r#"{"op":"subscribe"}"#)).await?;
    Ok(socket)
}

pub async fn run(url: &str) -> anyhow::Result<()> {
    let mut socket = open(url).await?;
    loop {
        match socket.next().await {
            Some(Ok(message)) => println!("{message}"),
            _ => {
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                socket = open(url).await?;
            }
        }
    }
}
