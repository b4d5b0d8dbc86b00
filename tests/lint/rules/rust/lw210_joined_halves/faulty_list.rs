//! A list of boxed futures.
use futures_util::future::{join_all, BoxFuture};
use futures_util::{FutureExt, SinkExt, StreamExt};
use std::time::Duration;
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn run(url: &str) -> anyhow::Result<()> {
    let (socket, _) = connect_async(url).await?;
    let (mut sink, mut stream) = socket.split();
    let mut parts: Vec<BoxFuture<'static, ()>> = vec![
        async move {
            while let Some(Ok(message)) = stream.next().await {
                println!("{message}");
            }
        }
        .boxed(),
        async move {
            loop {
                tokio::time::sleep(Duration::from_secs(30)).await;
                let _ = sink.send(Message::Ping(vec![].into())).await;
            }
        }
        .boxed(),
    ];
    parts.push(async {}.boxed());
    join_all(parts).await; // LW210
    Ok(())
}
