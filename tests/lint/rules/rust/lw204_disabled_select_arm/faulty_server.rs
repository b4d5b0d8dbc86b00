//! An axum handler that forwards news: its loop lives as long as there are news.
use axum::extract::ws::{Message, WebSocket};
use futures::{SinkExt, StreamExt};
use tokio::sync::broadcast::Receiver;

pub async fn serve(socket: WebSocket, mut news: Receiver<String>) {
    let (mut sender, mut receiver) = socket.split();
    loop {
        tokio::select! {
            biased;
            item = news.recv() => {
                if let Ok(item) = item {
                    let _ = sender.send(Message::Text(item.into())).await;
                }
            }
            Some(message) = receiver.next() => { // LW204
                if let Ok(Message::Text(text)) = message {
                    println!("{text}");
                }
            }
        }
    }
}
