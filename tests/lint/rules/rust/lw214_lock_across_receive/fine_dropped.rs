//! The guard is dropped before the loop.
use axum::extract::ws::WebSocket;
use std::sync::Arc;
use tokio::sync::RwLock;

pub async fn serve(mut socket: WebSocket, names: Arc<RwLock<Vec<String>>>) {
    let mut guard = names.write().await;
    guard.push("a visitor".into());
    drop(guard);
    {
        let guard = names.read().await;
        println!("{} visitors", guard.len());
    }
    while let Some(Ok(message)) = socket.recv().await {
        println!("{message:?}");
    }
}
