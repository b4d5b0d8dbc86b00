//! The guard has a name.
use futures_util::StreamExt;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::{oneshot, RwLock};
use tokio_tungstenite::connect_async;

pub struct Shared {
    open: RwLock<BTreeMap<usize, oneshot::Sender<Vec<u8>>>>,
}

pub async fn start(url: &str, shared: Arc<Shared>) -> anyhow::Result<()> {
    let (mut socket, _) = connect_async(url).await?;
    tokio::spawn(async move {
        while let Some(Ok(message)) = socket.next().await {
            let data = message.into_data();
            let mut open = shared.open.write().await;
            if let Some(one) = open.remove(&data.len()) { // LW225
                let _ = one.send(data.to_vec());
            }
        }
    });
    Ok(())
}
