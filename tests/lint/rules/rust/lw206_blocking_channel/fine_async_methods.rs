//! flume has methods for async code.
use axum::extract::ws::{Message, WebSocket};

pub async fn serve(mut socket: WebSocket, results: flume::Receiver<String>) {
    loop {
        tokio::select! {
            result = results.recv_async() => {
                let Ok(result) = result else { return };
                if socket.send(Message::Text(result.into())).await.is_err() {
                    return;
                }
            }
            message = socket.recv() => {
                let Some(Ok(_)) = message else { return };
            }
        }
    }
}
