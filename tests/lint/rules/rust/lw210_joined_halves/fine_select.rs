//! The first to end ends the other.
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc::Receiver;
use tokio_tungstenite::{connect_async, tungstenite::Message, MaybeTlsStream, WebSocketStream};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn read(mut stream: SplitStream<Socket>) {
    while let Some(Ok(message)) = stream.next().await {
        println!("{message}");
    }
}

async fn write(mut sink: SplitSink<Socket, Message>, mut requests: Receiver<String>) {
    while let Some(request) = requests.recv().await {
        if sink.send(Message::text(request)).await.is_err() {
            return;
        }
    }
}

pub async fn run(url: &str, requests: Receiver<String>) -> anyhow::Result<()> {
    let (socket, _) = connect_async(url).await?;
    let (sink, stream) = socket.split();
    tokio::select! {
        () = write(sink, requests) => println!("nothing to write any more"),
        () = read(stream) => println!("nothing to read any more"),
    }
    Ok(())
}
