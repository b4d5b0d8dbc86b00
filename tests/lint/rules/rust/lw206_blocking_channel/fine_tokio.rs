//! The channel is one of tokio; it has the same name.
use futures_util::SinkExt;
use tokio::net::TcpStream;
use tokio::sync::mpsc::{self, Receiver};
use tokio_tungstenite::{tungstenite::Message, WebSocketStream};

pub async fn write(
    mut sink: WebSocketStream<TcpStream>,
    mut requests: Receiver<String>,
) -> anyhow::Result<mpsc::Sender<String>> {
    let (again, _) = mpsc::channel(1);
    while let Some(request) = requests.recv().await {
        sink.send(Message::Text(request.into())).await?;
    }
    Ok(again)
}
