//! A server lets go of the tasks of its visitors.
use futures_util::StreamExt;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{accept_async, connect_async};

async fn attend(stream: TcpStream) -> anyhow::Result<()> {
    let mut socket = accept_async(stream).await?;
    while let Some(message) = socket.next().await {
        println!("{}", message?);
    }
    Ok(())
}

pub async fn serve(listener: TcpListener) -> anyhow::Result<()> {
    connect_async("ws://registry.example/").await?;
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(attend(stream));
    }
}
