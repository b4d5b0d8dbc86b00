//! Where the connect fails, the loop goes on at once.
use futures_util::StreamExt;
use tokio_tungstenite::connect_async;

pub async fn run(url: &str) {
    loop {
        match connect_async(url).await { // LW216
            Ok((mut stream, _)) => {
                while let Some(Ok(message)) = stream.next().await {
                    println!("{message}");
                }
            }
            Err(error) => eprintln!("cannot connect: {error}"),
        }
    }
}
