//! The room is locked until a new client has said who it is.

use axum::extract::ws::WebSocket;
use std::{collections::HashMap, sync::Arc};
use tokio::sync::Mutex;

struct State {
    rooms: Mutex<HashMap<String, Vec<WebSocket>>>,
}

async fn join(mut socket: WebSocket, state: Arc<State>) {
    let mut rooms = state.rooms.lock().await; // LW214
    if let Some(Ok(message)) = socket.recv().await {
        if let Ok(name) = message.to_text() {
            if let Some(room) = rooms.get_mut(name) {
                room.push(socket);
            }
        }
    }
}
