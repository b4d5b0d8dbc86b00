//! A thread polls: that is its own business.
use std::sync::mpsc::Receiver;
use tokio_tungstenite::tungstenite::Message;

pub fn start(stop: Receiver<()>, frames: tokio::sync::mpsc::Sender<Message>) {
    std::thread::spawn(move || loop {
        if stop.try_recv().is_ok() {
            return;
        }
        let _ = frames.blocking_send(Message::text("frame"));
    });
}
