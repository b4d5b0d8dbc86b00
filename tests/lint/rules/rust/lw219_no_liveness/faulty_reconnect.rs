//! The pause before a new attempt is no watch over the connection.
use futures_util::stream::SplitStream;
use futures_util::StreamExt;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::{connect_async, MaybeTlsStream, WebSocketStream};

async fn read(mut stream: SplitStream<WebSocketStream<MaybeTlsStream<TcpStream>>>) {
    loop {
        match stream.next().await { // LW219
            Some(Ok(message)) => println!("{message}"),
            Some(Err(error)) => {
                eprintln!("{error}");
                return;
            }
            None => return,
        }
    }
}

pub async fn run(url: &str) {
    loop {
        if let Ok((socket, _)) = connect_async(url).await {
            read(socket.split().1).await;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
