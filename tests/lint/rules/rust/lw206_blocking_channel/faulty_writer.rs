//! A writer that waits for requests of a thread.
use futures_util::stream::SplitSink;
use futures_util::SinkExt;
use std::sync::mpsc::Receiver;
use tokio::net::TcpStream;
use tokio_tungstenite::{tungstenite::Message, MaybeTlsStream, WebSocketStream};

pub async fn write(
    mut sink: SplitSink<WebSocketStream<MaybeTlsStream<TcpStream>>, Message>,
    requests: Receiver<String>,
) -> anyhow::Result<()> {
    while let Ok(request) = requests.recv() { // LW206
        sink.send(Message::Text(request.into())).await?;
    }
    Ok(())
}
