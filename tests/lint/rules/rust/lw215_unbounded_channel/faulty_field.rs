//! The sender is a field; the type says that it has no bound.
use futures_util::stream::SplitStream;
use futures_util::StreamExt;
use tokio::net::TcpStream;
use tokio::sync::mpsc::UnboundedSender;
use tokio_tungstenite::{tungstenite::Message, MaybeTlsStream, WebSocketStream};

pub struct Reader {
    stream: SplitStream<WebSocketStream<MaybeTlsStream<TcpStream>>>,
    texts: UnboundedSender<String>,
}

impl Reader {
    pub async fn run(&mut self) -> anyhow::Result<()> {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => self.texts.send(text.to_string())?, // LW215
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error.into()),
                None => return Ok(()),
            }
        }
    }
}
