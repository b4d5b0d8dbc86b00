//! The handle is given to the caller.
use futures_util::StreamExt;
use tokio::task::JoinHandle;
use tokio_tungstenite::{connect_async, tungstenite::Error};

pub async fn start(url: &str) -> Result<JoinHandle<Result<(), Error>>, Error> {
    let (mut stream, _) = connect_async(url).await?;
    let reader = tokio::spawn(async move {
        while let Some(message) = stream.next().await {
            println!("{}", message?);
        }
        Ok(())
    });
    Ok(reader)
}
