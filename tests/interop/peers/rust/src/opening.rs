//! How links begin: as a server or as a client.

use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::error::Error;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::{HeaderMap, StatusCode};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::ClientRequestBuilder;
use tokio_tungstenite::{accept_hdr_async_with_config, connect_async_with_config};

use crate::attend::attend;
use crate::fields::{say, Fields};

const PROTOCOL: &str = "sec-websocket-protocol";

fn bounds(order: &Fields) -> WebSocketConfig {
    let limit = order.number("limit");
    WebSocketConfig::default()
        .max_message_size(limit)
        .max_frame_size(limit)
}

fn names(order: &Fields) -> Vec<String> {
    let names = order.get("subprotocols").split(',');
    names
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

fn field<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("")
}

pub async fn listen(order: Fields) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("its number").port();
    say("listening", &[("port", &port.to_string())]);
    let known = names(&order);
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        tokio::spawn(accept(stream, bounds(&order), known.clone()));
    }
}

async fn accept(stream: TcpStream, bounds: WebSocketConfig, known: Vec<String>) {
    let mut target = String::new();
    let mut chosen = String::new();
    // The type of its error is the library's, and is large.
    #[allow(clippy::result_large_err)]
    let check = |request: &Request, mut response: Response| {
        target = request.uri().to_string();
        let (path, query) = Fields::of_target(&target);
        if path == "/reject" {
            return Err(refusal(&query));
        }
        let offered = field(request.headers(), PROTOCOL);
        let offered: Vec<&str> = offered.split(',').map(str::trim).collect();
        if let Some(one) = known.iter().find(|one| offered.contains(&one.as_str())) {
            chosen.clone_from(one);
            response
                .headers_mut()
                .insert(PROTOCOL, one.parse().expect("a token"));
        }
        Ok(response)
    };
    let accepted = accept_hdr_async_with_config(stream, check, Some(bounds)).await;
    let (path, query) = Fields::of_target(&target);
    if let Ok(link) = accepted {
        say(
            "opened",
            &[("id", query.get("id")), ("subprotocol", &chosen)],
        );
        attend(link, &path, &query).await;
    }
}

fn refusal(query: &Fields) -> ErrorResponse {
    let mut response = ErrorResponse::new(Some("refused".to_owned()));
    *response.status_mut() = query
        .number("status")
        .and_then(|code| StatusCode::from_u16(code).ok())
        .expect("a status");
    if let Ok(value) = query.get("retry_after").parse() {
        response.headers_mut().insert("retry-after", value);
    }
    response
}

pub async fn connect(order: Fields) {
    let (path, query) = Fields::of_target(order.get("url"));
    let id = query.get("id");
    let mut request = ClientRequestBuilder::new(order.get("url").parse().expect("a URL"));
    for name in names(&order) {
        request = request.with_sub_protocol(name);
    }
    match connect_async_with_config(request, Some(bounds(&order)), true).await {
        Ok((link, response)) => {
            let chosen = field(response.headers(), PROTOCOL);
            say("opened", &[("id", id), ("subprotocol", chosen)]);
            attend(link, &path, &query).await;
        }
        Err(Error::Http(response)) => {
            let status = response.status().as_u16().to_string();
            let wait = field(response.headers(), "retry-after");
            say(
                "rejected",
                &[("id", id), ("status", &status), ("retry_after", wait)],
            );
        }
        Err(error) => say("failed", &[("id", id), ("why", &error.to_string())]),
    }
}
