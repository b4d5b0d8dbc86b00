//! The peer of the interop tests on tokio-tungstenite; ../../README.md says what it is told and tells.
//!
//! `longwire-interop` takes orders from its standard input. `longwire-interop receive URL COUNT`
//! counts messages as fast as it can, for the benchmarks.

mod attend;
mod fields;
mod opening;
mod receive;

use fields::Fields;
use tokio::io::{AsyncBufReadExt, BufReader};

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => runtime.block_on(take_orders()),
        ["receive", url, count] => runtime.block_on(receive::run(
            url,
            count.parse().expect("a number of messages"),
        )),
        _ => panic!("usage: longwire-interop [receive URL COUNT]"),
    }
    // What still runs belongs to links that nobody asks about any more.
    std::process::exit(0);
}

async fn take_orders() {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let order = Fields::parse(&line);
        match order.get("do") {
            "listen" => drop(tokio::spawn(opening::listen(order))),
            "connect" => drop(tokio::spawn(opening::connect(order))),
            other => panic!("no such order: {other:?}"),
        }
    }
}
