//! A server pings its visitors: that keeps their connections open.
use axum::extract::ws::{Message, WebSocket};
use std::time::Duration;

pub async fn serve(mut socket: WebSocket) {
    let mut beat = tokio::time::interval(Duration::from_secs(20));
    loop {
        tokio::select! {
            _ = beat.tick() => {
                if socket.send(Message::Ping(vec![].into())).await.is_err() {
                    return;
                }
            }
            message = socket.recv() => match message {
                Some(Ok(message)) => println!("{message:?}"),
                _ => return,
            },
        }
    }
}
