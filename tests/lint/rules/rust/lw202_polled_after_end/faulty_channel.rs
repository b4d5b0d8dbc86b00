//! A writer that goes on when nobody can send it anything any more.
use futures_util::stream::SplitSink;
use futures_util::SinkExt;
use tokio::net::TcpStream;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_tungstenite::{tungstenite::Message, MaybeTlsStream, WebSocketStream};

pub struct Writer {
    sink: SplitSink<WebSocketStream<MaybeTlsStream<TcpStream>>, Message>,
    requests: UnboundedReceiver<String>,
}

impl Writer {
    pub async fn run(mut self) -> anyhow::Result<()> {
        loop {
            if let Some(request) = self.requests.recv().await { // LW202
                self.sink.send(Message::Text(request.into())).await?;
            }
        }
    }
}
