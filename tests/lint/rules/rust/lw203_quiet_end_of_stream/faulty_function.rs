//! The reader is a method, and its task is dropped.
use futures_util::stream::SplitStream;
use futures_util::StreamExt;
use tokio::net::TcpStream;
use tokio_tungstenite::{connect_async, MaybeTlsStream, WebSocketStream};

type Reader = SplitStream<WebSocketStream<MaybeTlsStream<TcpStream>>>;

pub struct Client;

impl Client {
    pub async fn open(url: &str) -> anyhow::Result<Client> {
        let (stream, _) = connect_async(url).await?;
        let (_, read) = stream.split();
        let _task = tokio::spawn(Client::listen(read));
        Ok(Client)
    }

    async fn listen(mut read: Reader) {
        while let Some(Ok(message)) = read.next().await { // LW203
            println!("{message}");
        }
    }
}
