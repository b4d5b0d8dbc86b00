//! A subscription that never goes out, and a goodbye.
use futures_util::SinkExt;
use tokio::net::TcpStream;
use tokio_tungstenite::{tungstenite::Message, MaybeTlsStream, WebSocketStream};

pub struct Feed {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Feed {
    pub async fn subscribe(&mut self, topics: &[String]) {
        for topic in topics {
            self.socket.send(Message::text(topic.clone())); // LW226
        }
    }

    pub async fn end(&mut self) {
        let _closing = self.socket.close(None); // LW226
    }
}
