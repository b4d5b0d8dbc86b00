//! The catch-all is on another stream: a list of pages that the program has itself.
use futures_util::{stream, StreamExt};
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub async fn ask(url: &str, pages: Vec<u32>) -> anyhow::Result<()> {
    let (mut socket, _) = connect_async(url).await?;
    let mut pages = stream::iter(pages);
    loop {
        match pages.next().await {
            Some(page) if page > 100 => break,
            _ => {}
        }
        let Some(answer) = socket.next().await else { break };
        if let Message::Text(text) = answer? {
            println!("{text}");
        }
    }
    Ok(())
}
