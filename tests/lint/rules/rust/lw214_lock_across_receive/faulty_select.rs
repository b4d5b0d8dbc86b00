//! The guard of the socket is taken in front of the loop.
use futures_util::StreamExt;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

type Shared = Arc<Mutex<WebSocketStream<MaybeTlsStream<TcpStream>>>>;

pub async fn read(socket: Shared) {
    let mut socket = socket.lock().await;
    loop {
        tokio::select! {
            message = socket.next() => match message { // LW214
                Some(Ok(message)) => println!("{message}"),
                _ => return,
            },
            _ = tokio::time::sleep(Duration::from_secs(30)) => return,
        }
    }
}
