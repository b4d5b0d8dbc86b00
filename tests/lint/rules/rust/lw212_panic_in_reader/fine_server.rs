//! In a server, it ends one visit.
use futures_util::StreamExt;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::accept_async;

async fn attend(stream: TcpStream) {
    let mut socket = accept_async(stream).await.unwrap();
    while let Some(message) = socket.next().await {
        println!("{}", message.unwrap());
    }
}

pub async fn serve(listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(attend(stream));
    }
}
