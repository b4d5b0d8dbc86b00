//! The channel is polled, but time passes between two looks.
use futures_util::SinkExt;
use std::sync::mpsc::Receiver;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::{tungstenite::Message, WebSocketStream};

pub async fn write(
    mut sink: WebSocketStream<TcpStream>,
    requests: Receiver<String>,
) -> anyhow::Result<()> {
    loop {
        for request in requests.try_iter() {
            sink.send(Message::Text(request.into())).await?;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
