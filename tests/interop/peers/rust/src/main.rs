//! The peer of the interop tests on tokio-tungstenite; ../../README.md says what it is told and tells.
//!
//! `longwire-interop` takes orders from its standard input. `longwire-interop measure URL PORT WARMUP
//! SECONDS` counts messages as fast as it can, for the benchmarks.

mod attend;
mod fields;
mod measure;
mod opening;

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
        ["measure", url, port, warmup, seconds] => runtime.block_on(measure::run(
            url,
            port.parse().expect("a port"),
            warmup.parse().expect("seconds"),
            seconds.parse().expect("seconds"),
        )),
        _ => panic!("usage: longwire-interop [measure URL PORT WARMUP SECONDS]"),
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
