//! The three mistakes, on tokio-tungstenite: `faulty URL [PAUSE]`.
//!
//! PAUSE is how long the writer sleeps between two looks into its channel, in seconds; by default
//! it does not. Do not copy anything from here: cured.rs is the same program without the mistakes.

use std::time::Duration;

use crossbeam_channel::{unbounded, Receiver, Sender};
use futures_util::future::{join_all, BoxFuture};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{FutureExt, SinkExt, StreamExt};
use longwire_origin::{arguments, block_on, import, Arrival, Link};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::{Message, Result};

async fn read(mut link: SplitStream<Link>, arrivals: Sender<Arrival>) -> Result<()> {
    loop {
        match link.next().await {
            Some(Ok(Message::Binary(chunk))) => {
                arrivals.send(Arrival::Chunk(chunk)).expect("an importer")
            }
            // The first mistake: this is every error, too, and the end of the connection.
            _ => {}
        }
    }
}

async fn write(
    mut link: SplitSink<Link, Message>,
    requests: Receiver<String>,
    pause: Duration,
) -> Result<()> {
    loop {
        // The second: a channel for threads is polled. Where it is empty, nothing here suspends.
        for request in requests.try_iter() {
            link.send(Message::text(request)).await?;
        }
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
    }
}

async fn run(url: &str, pause: Duration) {
    let (ask, requests) = unbounded();
    let (arrivals, arrived) = unbounded();
    std::thread::spawn(move || import(arrived, move |text| ask.send(text).expect("a writer")));
    let (mut link, _) = connect_async(url).await.expect("a server");
    println!("connected: {:?}", link.next().await);
    arrivals.send(Arrival::Connected).expect("an importer");
    let (sink, stream) = link.split();
    // The third: this waits until both have ended, and the reader never does.
    let both: [BoxFuture<Result<()>>; 2] = [
        read(stream, arrivals).boxed(),
        write(sink, requests, pause).boxed(),
    ];
    join_all(both).await;
}

fn main() {
    let (url, pause) = arguments();
    block_on(run(&url, Duration::from_secs_f64(pause.unwrap_or(0.0))));
}
