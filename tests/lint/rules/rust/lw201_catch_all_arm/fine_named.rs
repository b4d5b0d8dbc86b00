//! The catch-all comes behind arms that name the errors and the end, and leave.
use futures_util::stream::SplitStream;
use futures_util::StreamExt;
use tokio::net::TcpStream;
use tokio_tungstenite::{tungstenite::Error, tungstenite::Message, MaybeTlsStream, WebSocketStream};

pub async fn read(
    mut stream: SplitStream<WebSocketStream<MaybeTlsStream<TcpStream>>>,
) -> Result<(), Error> {
    loop {
        match stream.next().await {
            Some(Ok(Message::Text(text))) => println!("{text}"),
            Some(Err(error)) => return Err(error),
            None => break,
            _ => {}
        }
    }
    Ok(())
}

pub async fn read_messages(
    mut stream: SplitStream<WebSocketStream<MaybeTlsStream<TcpStream>>>,
) -> Result<(), Error> {
    while let Some(message) = stream.next().await {
        match message? {
            Message::Text(text) => println!("{text}"),
            _ => continue,
        }
    }
    Ok(())
}
