//! One address after the other, once.
use tokio_tungstenite::connect_async;

pub async fn first(urls: &[String]) -> Option<String> {
    for url in urls {
        match connect_async(url.as_str()).await {
            Ok(_) => return Some(url.clone()),
            Err(error) => eprintln!("{url}: {error}"),
        }
    }
    None
}
