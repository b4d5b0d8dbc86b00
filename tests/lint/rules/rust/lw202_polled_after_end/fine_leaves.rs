//! The end leaves both loops, by a label.
use futures_util::StreamExt;
use tokio::sync::mpsc::Receiver;
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn run(url: &str, mut commands: Receiver<u32>) -> anyhow::Result<()> {
    let (mut socket, _) = connect_async(url).await?;
    'reading: loop {
        loop {
            match socket.next().await {
                Some(Ok(Message::Text(text))) => println!("{text}"),
                Some(Ok(_)) => break,
                Some(Err(error)) => return Err(error.into()),
                None => break 'reading,
            }
        }
        match commands.recv().await {
            Some(command) => println!("{command}"),
            None => return Ok(()),
        }
    }
    Ok(())
}
