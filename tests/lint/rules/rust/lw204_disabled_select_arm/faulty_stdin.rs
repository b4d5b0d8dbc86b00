//! A chat: lines go out, messages come in; an error fits no arm.
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn chat(url: &str) -> anyhow::Result<()> {
    let (mut socket, _) = connect_async(url).await?;
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    loop {
        tokio::select! {
            line = lines.next_line() => match line? {
                Some(line) => socket.send(Message::Text(line.into())).await?,
                None => break,
            },
            Some(Ok(message)) = socket.next() => { // LW204
                println!("{message}");
            }
            else => break,
        }
    }
    Ok(())
}
