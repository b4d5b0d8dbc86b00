//! A main function of tokio, and a task in it.
use tokio_tungstenite::tungstenite;

#[tokio::main]
async fn main() {
    let task = tokio::spawn(async {
        let (mut socket, _) = tungstenite::connect("ws://localhost:9001").unwrap(); // LW208
        loop {
            let message = socket.read_message().unwrap(); // LW208
            println!("{message}");
        }
    });
    task.await.unwrap();
}
