//! The connect is a method of the same file.
use tokio::net::TcpStream;
use tokio_tungstenite::{connect_async, tungstenite::Error, MaybeTlsStream, WebSocketStream};

pub struct Client {
    url: String,
    socket: Option<WebSocketStream<MaybeTlsStream<TcpStream>>>,
}

impl Client {
    async fn open(&mut self) -> Result<(), Error> {
        let (socket, _) = connect_async(&self.url).await?;
        self.socket = Some(socket);
        Ok(())
    }

    pub async fn until_open(&mut self) {
        loop {
            if self.open().await.is_ok() { // LW216
                return;
            }
            tracing::warn!("again");
        }
    }
}
