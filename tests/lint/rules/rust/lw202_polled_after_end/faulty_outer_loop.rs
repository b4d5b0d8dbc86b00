//! A reader whose endless loop asks the same connection again when it is over.
use futures_util::stream::SplitStream;
use futures_util::StreamExt;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

type Reader = Arc<Mutex<SplitStream<WebSocketStream<MaybeTlsStream<TcpStream>>>>>;

pub async fn handle(reader: Reader) {
    loop {
        while let Some(message) = reader.lock().await.next().await { // LW202
            match message {
                Ok(message) => println!("{message}"),
                Err(error) => eprintln!("{error}"),
            }
        }
    }
}
