//! The wait is on a thread of its own, or where tokio allows for it.
use crossbeam_channel::Receiver;
use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn run(url: &str, requests: Receiver<String>) -> anyhow::Result<()> {
    let (mut stream, _) = connect_async(url).await?;
    let (forward, mut forwarded) = tokio::sync::mpsc::channel::<String>(16);
    let first = requests.clone();
    let greeting = tokio::task::spawn_blocking(move || first.recv()).await??;
    stream.send(Message::text(greeting)).await?;
    std::thread::spawn(move || {
        for request in requests.iter() {
            if forward.blocking_send(request).is_err() {
                return;
            }
        }
    });
    while let Some(request) = forwarded.recv().await {
        stream.send(Message::text(request)).await?;
    }
    Ok(())
}
