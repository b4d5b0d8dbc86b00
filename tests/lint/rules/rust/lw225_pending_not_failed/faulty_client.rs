//! Calls wait for answers that the reader brings.
use futures_util::stream::SplitStream;
use futures_util::StreamExt;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio::sync::{oneshot, Mutex};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

type Pending = Arc<Mutex<HashMap<u64, oneshot::Sender<Value>>>>;

pub async fn read(
    mut stream: SplitStream<WebSocketStream<MaybeTlsStream<TcpStream>>>,
    pending: Pending,
) -> anyhow::Result<()> {
    while let Some(message) = stream.next().await {
        let value: Value = serde_json::from_str(message?.to_text()?)?;
        let id = value["id"].as_u64().unwrap_or(0);
        if let Some(waiting) = pending.lock().await.remove(&id) { // LW225
            let _ = waiting.send(value);
        }
    }
    Ok(())
}
