//! What is done on a link, whichever side opened it: the path of its URL says what.

use futures_util::{SinkExt, StreamExt};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::tungstenite::error::Error;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Message, Result};
use tokio_tungstenite::WebSocketStream;

use crate::fields::{say, Fields};

pub async fn attend<S>(mut link: WebSocketStream<S>, path: &str, query: &Fields)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut end = (1006, String::new());
    // An error of the link is its end, and told as such.
    let _ = converse(&mut link, path, query, &mut end).await;
    let (code, reason) = end;
    say(
        "closed",
        &[
            ("id", query.get("id")),
            ("code", &code.to_string()),
            ("reason", &reason),
        ],
    );
}

async fn converse<S>(
    link: &mut WebSocketStream<S>,
    path: &str,
    query: &Fields,
    end: &mut (u16, String),
) -> Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    begin(link, path, query).await?;
    let mut digest = Sha256::new();
    while let Some(message) = link.next().await {
        match message {
            Ok(Message::Text(text)) if path == "/digest" && text.as_str() == "digest?" => {
                link.send(Message::text(hex(&digest.clone().finalize())))
                    .await?;
            }
            Ok(message @ (Message::Text(_) | Message::Binary(_))) => {
                if path == "/digest" {
                    digest.update((message.len() as u64).to_be_bytes());
                    digest.update(message.clone().into_data());
                }
                match query.number("size").filter(|_| path == "/fragments") {
                    Some(size) => send_in_fragments(link, message, size).await?,
                    None if path != "/big" => link.send(message).await?,
                    None => {}
                }
            }
            Ok(Message::Pong(_)) if path == "/ping" => link.send(Message::text("pong")).await?,
            Ok(Message::Close(frame)) => {
                *end = frame.map_or((1005, String::new()), |frame| {
                    (frame.code.into(), frame.reason.to_string())
                });
            }
            Ok(_) => {}
            Err(Error::Capacity(_)) => link.close(Some(closing(1009, "too big"))).await?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

async fn begin<S>(link: &mut WebSocketStream<S>, path: &str, query: &Fields) -> Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    match path {
        "/close" => {
            let frame = query
                .number("code")
                .map(|code| closing(code, query.get("reason")));
            link.close(frame).await
        }
        "/ping" => link.send(Message::Ping("ping".into())).await,
        "/big" => {
            link.send(Message::binary(vec![0; query.number("size").unwrap_or(0)]))
                .await
        }
        _ => Ok(()),
    }
}

fn closing(code: u16, reason: &str) -> CloseFrame {
    CloseFrame {
        code: CloseCode::from(code),
        reason: reason.into(),
    }
}

async fn send_in_fragments<S>(
    link: &mut WebSocketStream<S>,
    message: Message,
    size: usize,
) -> Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut kind = if message.is_text() {
        Data::Text
    } else {
        Data::Binary
    };
    let mut rest = message.into_data();
    loop {
        let piece = rest.split_to(size.min(rest.len()));
        let last = rest.is_empty();
        let frame = Frame::message(piece, OpCode::Data(kind), last);
        link.send(Message::Frame(frame)).await?;
        if last {
            return Ok(());
        }
        kind = Data::Continue;
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
