//! What another file has made is locked until a new client has said who it is.

use axum::extract::ws::WebSocket;

use crate::rooms::Shared;

async fn join(mut socket: WebSocket, shared: Shared) {
    let mut rooms = shared.rooms.lock().await; // LW214
    if let Some(Ok(message)) = socket.recv().await {
        rooms.insert(message.into_data(), socket);
    }
}
