//! The writer takes what the reader gives it, and ends with it.
use axum::extract::ws::{Message, WebSocket};
use futures::{SinkExt, StreamExt};
use tokio::sync::mpsc;

pub async fn serve(socket: WebSocket) {
    let (mut sender, mut receiver) = socket.split();
    let (replies, mut to_send) = mpsc::channel::<String>(16);
    let reading = async move {
        while let Some(Ok(Message::Text(text))) = receiver.next().await {
            if replies.send(text.to_uppercase()).await.is_err() {
                break;
            }
        }
    };
    let writing = async move {
        while let Some(reply) = to_send.recv().await {
            if sender.send(Message::Text(reply.into())).await.is_err() {
                break;
            }
        }
    };
    tokio::join!(reading, writing);
}
