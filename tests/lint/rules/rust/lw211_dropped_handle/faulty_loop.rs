//! A loop that leaves at an error, as a task of tokio::task.
use futures_util::StreamExt;
use tokio::task;
use tokio_tungstenite::connect_async;

fn show(text: &str) {
    print!("{text}");
}

pub async fn start(url: &str) -> anyhow::Result<()> {
    let (mut socket, _) = connect_async(url).await?;
    task::spawn(async move { // LW211
        loop {
            match socket.next().await {
                Some(Ok(message)) => show(&message.to_string()),
                Some(Err(_)) | None => break,
            }
        }
    });
    Ok(())
}
