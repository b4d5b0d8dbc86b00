//! A thread, and a task that may block.
use std::thread;
use std::time::Duration;
use tokio_tungstenite::tungstenite::Message;

pub async fn work(messages: tokio::sync::mpsc::Sender<Message>) {
    let more = messages.clone();
    thread::spawn(move || loop {
        thread::sleep(Duration::from_secs(1));
        if more.blocking_send(Message::text("tick")).is_err() {
            return;
        }
    });
    tokio::task::spawn_blocking(move || {
        thread::sleep(Duration::from_secs(3));
        messages.blocking_send(Message::text("done"))
    });
}
