//! What comes behind the loop tells the program that it is over.
use futures_util::StreamExt;
use tokio::sync::oneshot;
use tokio_tungstenite::connect_async;

pub async fn start(url: &str) -> anyhow::Result<oneshot::Receiver<()>> {
    let (mut stream, _) = connect_async(url).await?;
    let (ended, told) = oneshot::channel();
    tokio::spawn(async move {
        while let Some(Ok(message)) = stream.next().await {
            println!("{message}");
        }
        let _ = ended.send(());
    });
    Ok(told)
}
