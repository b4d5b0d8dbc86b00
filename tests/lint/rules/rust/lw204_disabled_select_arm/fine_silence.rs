//! An arm for silence leaves the loop, so that the disabled arm is noticed.
use futures_util::StreamExt;
use std::time::Duration;
use tokio::sync::mpsc::Receiver;
use tokio_tungstenite::connect_async;

pub async fn watch(url: &str, mut commands: Receiver<String>) -> anyhow::Result<()> {
    let (mut stream, _) = connect_async(url).await?;
    loop {
        tokio::select! {
            Some(message) = stream.next() => println!("{}", message?),
            Some(command) = commands.recv() => println!("{command}"),
            _ = tokio::time::sleep(Duration::from_secs(30)) => {
                anyhow::bail!("nothing for half a minute");
            }
        }
    }
}
