//! What the program is there for: a thread that works on pages, and asks for the next.
//!
//! It is synchronous, as such work often is, and knows nothing of WebSocket: chunks come to it
//! through a channel, and it has a function to ask with. What goes over the wire: ../../pages.py.

mod place;

use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Bytes;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

pub use place::Place;

pub type Link = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// How long a page takes to be worked on.
const WORK: Duration = Duration::from_millis(20);
/// The time between two lines that say how far it has come.
const REPORT: Duration = Duration::from_millis(250);

pub enum Arrival {
    /// There is a connection: what is missing may be asked for.
    Connected,
    Chunk(Bytes),
}

/// Work on what comes, and say now and then how far that is.
pub fn import(arrivals: Receiver<Arrival>, ask: impl Fn(String)) {
    let mut place = Place::default();
    let mut due = Instant::now() + REPORT;
    loop {
        match arrivals.recv_deadline(due) {
            Ok(Arrival::Connected) => ask(place.request()),
            Ok(Arrival::Chunk(chunk)) => {
                if place.take(&chunk) {
                    std::thread::sleep(WORK);
                    ask(place.request());
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        if Instant::now() >= due {
            due += REPORT;
            println!("{place}");
        }
    }
}

/// The URL, and the number behind it, if there is one.
pub fn arguments() -> (String, Option<f64>) {
    let mut given = std::env::args().skip(1);
    let url = given.next().expect("the URL of the server");
    (
        url,
        given
            .next()
            .map(|seconds| seconds.parse().expect("seconds")),
    )
}

/// Run the program in one thread.
pub fn block_on(program: impl std::future::Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(program);
}
