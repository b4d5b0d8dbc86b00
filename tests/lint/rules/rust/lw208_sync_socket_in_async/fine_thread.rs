//! The blocking socket has a thread, or a place where it may block.
use tungstenite::connect;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let (send, mut received) = tokio::sync::mpsc::channel(16);
    std::thread::spawn(move || {
        let (mut socket, _) = connect("ws://localhost:9001").expect("a server");
        while let Ok(message) = socket.read() {
            if send.blocking_send(message.to_string()).is_err() {
                return;
            }
        }
    });
    tokio::task::spawn_blocking(|| connect("ws://localhost:9002").map(|_| ())).await??;
    while let Some(text) = received.recv().await {
        println!("{text}");
    }
    Ok(())
}
