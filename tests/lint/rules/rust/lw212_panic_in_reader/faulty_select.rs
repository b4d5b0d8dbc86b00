//! In a select, the end is expected never to come.
use futures_util::{SinkExt, StreamExt};
use tokio::sync::mpsc::Receiver;
use tokio_tungstenite::{connect_async, tungstenite::Message};

pub fn start(url: &'static str, mut requests: Receiver<String>) {
    tokio::spawn(async move {
        let (mut socket, _) = connect_async(url).await.unwrap();
        loop {
            tokio::select! {
                Some(request) = requests.recv() => {
                    socket.send(Message::text(request)).await.unwrap();
                }
                message = socket.next() => {
                    let message = message.expect("open").expect("a message"); // LW212
                    println!("{message}");
                }
            }
        }
    });
}
