//! Two tasks, whose handles are joined: an error of one is inside an Ok.
use axum::extract::ws::{Message, WebSocket};
use futures::{SinkExt, StreamExt};
use tokio::sync::broadcast::Receiver;

pub async fn serve(socket: WebSocket, mut news: Receiver<String>) -> anyhow::Result<()> {
    let (mut sender, mut receiver) = socket.split();
    let sending = tokio::spawn(async move {
        while let Ok(item) = news.recv().await {
            sender.send(Message::Text(item.into())).await?;
        }
        Ok::<(), axum::Error>(())
    });
    let receiving = tokio::spawn(async move {
        while let Some(message) = receiver.next().await {
            println!("{:?}", message?);
        }
        Ok::<(), axum::Error>(())
    });
    let (_, _) = tokio::try_join!(sending, receiving)?; // LW210
    Ok(())
}
