//! The interval is a field.
use futures_util::StreamExt;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::Interval;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

pub struct Session {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    beat: Interval,
}

impl Session {
    pub async fn run(&mut self, limit: Duration) -> anyhow::Result<()> {
        loop {
            tokio::select! {
                message = self.socket.next() => match message {
                    Some(message) => println!("{}", message?),
                    None => return Ok(()),
                },
                _ = self.beat.tick() => tracing::debug!("alive"),
                _ = tokio::time::sleep(limit) => return Err(anyhow::anyhow!("silent")), // LW221
            }
        }
    }
}
