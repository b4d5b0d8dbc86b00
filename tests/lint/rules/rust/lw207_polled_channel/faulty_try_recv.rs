//! A writer that looks into its channel again and again.
use futures_util::stream::SplitSink;
use futures_util::SinkExt;
use std::sync::mpsc::{Receiver, TryRecvError};
use tokio::net::TcpStream;
use tokio_tungstenite::{tungstenite::Message, MaybeTlsStream, WebSocketStream};

pub struct Writer {
    sink: SplitSink<WebSocketStream<MaybeTlsStream<TcpStream>>, Message>,
    requests: Receiver<String>,
}

impl Writer {
    pub async fn run(&mut self) -> anyhow::Result<()> {
        loop {
            match self.requests.try_recv() { // LW207
                Ok(request) => self.sink.send(Message::text(request)).await?,
                Err(TryRecvError::Empty) => continue,
                Err(TryRecvError::Disconnected) => return Ok(()),
            }
        }
    }
}
