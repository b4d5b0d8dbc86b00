//! An error leads to a new connection, in the middle of the loop.
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio_tungstenite::{connect_async, tungstenite::Message};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let url = "wss://feed.example/ws";
    let (mut stream, _) = connect_async(url).await?;
    let request = json!({"method": "SUBSCRIBE", "params": ["btcusdt@trade"], "id": 1});
    stream.send(Message::Text(request.to_string().into())).await?;
    let subscribed = json!({"method": "LIST_SUBSCRIPTIONS", "id": 2}).to_string();
    stream.send(Message::text(subscribed)).await?;
    loop {
        match stream.next().await {
            Some(Ok(message)) => println!("{message}"),
            other => {
                eprintln!("{other:?}");
                tokio::time::sleep(std::time::Duration::from_secs(5)).await;
                stream = match connect_async(url).await { // LW218
                    Ok((stream, _)) => stream,
                    Err(_) => continue,
                };
            }
        }
    }
}
