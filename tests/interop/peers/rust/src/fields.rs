//! Orders, events and queries: fields of one line, encoded as those of a form.

use std::collections::HashMap;
use std::str::FromStr;

#[derive(Default)]
pub struct Fields(HashMap<String, String>);

impl Fields {
    pub fn parse(line: &str) -> Self {
        Self(
            form_urlencoded::parse(line.as_bytes())
                .into_owned()
                .collect(),
        )
    }

    /// The path of a URL or of a request's target, and its query.
    pub fn of_target(target: &str) -> (String, Self) {
        let (front, query) = target.split_once('?').unwrap_or((target, ""));
        let path = front.split_once("://").map_or(front, |(_, rest)| {
            rest.find('/').map_or("/", |slash| &rest[slash..])
        });
        (path.to_owned(), Self::parse(query))
    }

    /// Empty where it is missing.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    pub fn number<N: FromStr>(&self, name: &str) -> Option<N> {
        self.get(name).parse().ok()
    }
}

/// Tell the test what has happened.
pub fn say(event: &str, fields: &[(&str, &str)]) {
    let line = form_urlencoded::Serializer::new(String::new())
        .append_pair("event", event)
        .extend_pairs(fields)
        .finish();
    println!("{line}");
}
