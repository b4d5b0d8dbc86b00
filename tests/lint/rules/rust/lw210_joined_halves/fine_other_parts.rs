//! What is joined belongs to two connections, or to none.
use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn copy(from: &str, to: &str) -> anyhow::Result<()> {
    let (first, second) = tokio::join!(connect_async(from), connect_async(to));
    let (_, mut source) = first?.0.split();
    let (mut target, _) = second?.0.split();
    while let Some(message) = source.next().await {
        let message: Message = message?;
        target.send(message).await?;
    }
    let (mut left, _) = connect_async(from).await?;
    let (mut right, _) = connect_async(to).await?;
    let (one, other) = tokio::join!(left.close(None), right.close(None));
    one?;
    other?;
    Ok(())
}
