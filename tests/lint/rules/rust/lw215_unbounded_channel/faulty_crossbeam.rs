//! A thread works on what comes through a channel of crossbeam.
use crossbeam_channel::unbounded;
use futures_util::StreamExt;
use tokio_tungstenite::connect_async;

pub async fn run(url: &str) -> anyhow::Result<()> {
    let (mut stream, _) = connect_async(url).await?;
    let (work, worker) = unbounded();
    std::thread::spawn(move || {
        for text in worker {
            println!("{text}");
        }
    });
    while let Some(message) = stream.next().await {
        work.send(message?.to_string())?; // LW215
    }
    Ok(())
}
