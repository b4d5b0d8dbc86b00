//! A reader task of an exchange client: everything that is no text is printed.
use futures_util::stream::SplitStream;
use futures_util::StreamExt;
use tokio::net::TcpStream;
use tokio::sync::mpsc::Sender;
use tokio_tungstenite::{tungstenite::Message, MaybeTlsStream, WebSocketStream};

type Reader = SplitStream<WebSocketStream<MaybeTlsStream<TcpStream>>>;

pub struct Feed {
    read: Reader,
    trades: Sender<String>,
}

impl Feed {
    pub async fn run(&mut self) {
        loop {
            match self.read.next().await {
                Some(Ok(Message::Text(text))) => {
                    if self.trades.send(text.to_string()).await.is_err() {
                        return;
                    }
                }
                other => println!("not for us: {other:?}"), // LW201
            }
        }
    }
}

pub fn start(mut feed: Feed) {
    tokio::spawn(async move { feed.run().await });
}
