//! How far the program has come.

use std::fmt;

const PAGE: u64 = 100_000;

#[derive(Default)]
pub struct Place {
    chunks: u64,
    lost: u64,
    next: u64,
}

impl Place {
    /// Asks for what is missing of the page that is being read.
    pub fn request(&self) -> String {
        format!(
            r#"{{"page": {}, "from": {}}}"#,
            self.next / PAGE,
            self.next % PAGE
        )
    }

    /// Count a chunk, unless it has come before; whether the page is complete with it.
    pub fn take(&mut self, chunk: &[u8]) -> bool {
        let start = number(&chunk[..4]) * PAGE + number(&chunk[4..8]);
        if start < self.next {
            return false;
        }
        self.chunks += 1;
        self.lost += start - self.next;
        self.next = start + chunk.len() as u64;
        self.next % PAGE == 0
    }
}

fn number(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "received {} chunks, lost {} bytes",
            self.chunks, self.lost
        )
    }
}
