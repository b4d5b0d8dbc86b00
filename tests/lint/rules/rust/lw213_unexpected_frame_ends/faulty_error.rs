//! Other messages are an error of the protocol.
use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::protocol::Message as WsMessage;

pub async fn run(url: &str) -> anyhow::Result<()> {
    let (mut ws, _) = tokio_tungstenite::connect_async(url).await?;
    loop {
        match ws.next().await {
            Some(Ok(WsMessage::Text(text))) => println!("{text}"),
            Some(Ok(WsMessage::Ping(data))) => ws.send(WsMessage::Pong(data)).await?,
            Some(Ok(other)) => { // LW213
                tracing::error!("what is {other}?");
                return Err(anyhow::anyhow!("unexpected message"));
            }
            Some(Err(error)) => return Err(error.into()),
            None => return Ok(()),
        }
    }
}
