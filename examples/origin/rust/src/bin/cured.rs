//! The same program without the mistakes: `cured URL`.
//!
//! It shows what a careful program on tokio-tungstenite has to do for itself.

use std::fmt;
use std::time::{Duration, Instant};

use crossbeam_channel::{unbounded, Sender};
use futures_util::future::try_join;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use longwire_origin::{arguments, block_on, import, Arrival, Link};
use tokio::sync::mpsc::{unbounded_channel, UnboundedReceiver};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};

const FIRST_DELAY: Duration = Duration::from_millis(100);
const LONGEST_DELAY: Duration = Duration::from_secs(10);
/// Between two pings, and for any answer; so short because the example is.
const HEARTBEAT: Duration = Duration::from_millis(500);

/// Why a connection has ended.
enum End {
    Failed(Error),
    Closed(CloseFrame),
    Over,
    Silent,
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        End::Failed(error)
    }
}

impl fmt::Display for End {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Failed(error) => write!(out, "{error:?}"),
            End::Closed(frame) => write!(out, "{frame:?}"),
            End::Over => write!(out, "the connection ended without a word"),
            End::Silent => write!(out, "silent for {:?}, and no pong", 2 * HEARTBEAT),
        }
    }
}

async fn read(mut link: SplitStream<Link>, arrivals: &Sender<Arrival>) -> Result<(), End> {
    let mut goodbye = None;
    loop {
        match timeout(2 * HEARTBEAT, link.next()).await {
            Ok(Some(Ok(Message::Binary(chunk)))) => {
                arrivals.send(Arrival::Chunk(chunk)).expect("an importer")
            }
            Ok(Some(Ok(Message::Close(frame)))) => goodbye = frame,
            Ok(Some(Ok(Message::Text(_) | Message::Ping(_) | Message::Pong(_)))) => {}
            Ok(Some(Ok(Message::Frame(_)))) => unreachable!("reading makes messages of frames"),
            Ok(Some(Err(error))) => return Err(End::Failed(error)),
            Ok(None) => return Err(goodbye.map_or(End::Over, End::Closed)),
            Err(_) => return Err(End::Silent),
        }
    }
}

async fn write(
    mut link: SplitSink<Link, Message>,
    requests: &mut UnboundedReceiver<String>,
) -> Result<(), End> {
    loop {
        match timeout(HEARTBEAT, requests.recv()).await {
            Ok(Some(request)) => link.send(Message::text(request)).await?,
            Ok(None) => return Err(End::Over),
            Err(_) => link.send(Message::Ping("alive?".into())).await?,
        }
    }
}

/// One connection, from its opening to its end.
async fn attend(
    url: &str,
    arrivals: &Sender<Arrival>,
    requests: &mut UnboundedReceiver<String>,
) -> Result<(), End> {
    let (mut link, _) = connect_async(url).await?;
    println!("connected: {:?}", link.next().await.ok_or(End::Over)??);
    arrivals.send(Arrival::Connected).expect("an importer");
    let (sink, stream) = link.split();
    // The first of both to fail ends the other.
    try_join(read(stream, arrivals), write(sink, requests)).await?;
    Ok(())
}

async fn run(url: &str) {
    let (ask, mut requests) = unbounded_channel();
    let (arrivals, arrived) = unbounded();
    std::thread::spawn(move || import(arrived, move |text| ask.send(text).expect("a writer")));
    let mut delay = FIRST_DELAY;
    loop {
        let began = Instant::now();
        if let Err(end) = attend(url, &arrivals, &mut requests).await {
            println!("lost: {end}");
        }
        if began.elapsed() > LONGEST_DELAY {
            delay = FIRST_DELAY;
        }
        sleep(delay).await;
        delay = LONGEST_DELAY.min(delay * 2);
    }
}

fn main() {
    let (url, _) = arguments();
    block_on(run(&url));
}
