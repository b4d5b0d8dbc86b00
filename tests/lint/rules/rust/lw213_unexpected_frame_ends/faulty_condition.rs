//! The condition of the loop takes texts only: the first ping is the end of it.

use axum::extract::ws::{Message, WebSocket};
use futures_util::{SinkExt, StreamExt};
use tokio::sync::broadcast;

async fn chat(socket: WebSocket, room: broadcast::Sender<String>) {
    let (mut sender, mut receiver) = socket.split();
    let mut heard = room.subscribe();
    let mut send = tokio::spawn(async move {
        while let Ok(text) = heard.recv().await {
            if sender.send(Message::Text(text.into())).await.is_err() {
                break;
            }
        }
    });
    let mut receive = tokio::spawn(async move {
        while let Some(Ok(Message::Text(text))) = receiver.next().await { // LW213
            let _ = room.send(text.to_string());
        }
    });
    tokio::select! {
        _ = &mut send => receive.abort(),
        _ = &mut receive => send.abort(),
    }
}
