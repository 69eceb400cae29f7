//! A recorded message, made ready for a wire.

use std::fs;
use std::path::{Path, PathBuf};

/// Where the recorded messages lie.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/clients")
}

/// The names of a client's messages, in order.
pub(super) fn names(client: &str) -> Vec<String> {
    let entries = fs::read_dir(folder().join(client)).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "http")
        })
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort_unstable();
    names
}

/// A message as a client wrote it, save for what no recording can know: placeholders in braces.
///
/// The files have plain line ends; on the wire the head has those of HTTP. The body is sent byte for byte.
#[derive(Debug, Clone)]
pub(super) struct Message {
    head: String,
    body: String,
}

impl Message {
    /// Reads `client/name.http`. Its `Content-Length` must be that of its body, so that no editor's line end slips in.
    pub(super) fn read(client: &str, name: &str) -> Self {
        let path = folder().join(client).join(format!("{name}.http"));
        let text =
            fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let (head, body) = text.split_once("\n\n").unwrap();
        let message = Self {
            head: head.to_owned(),
            body: body.to_owned(),
        };
        assert_eq!(
            message.length().unwrap_or(0),
            body.len(),
            "{}",
            path.display()
        );
        message
    }

    /// With something in the place of `{name}`.
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        let before = self.length();
        let place = format!("{{{name}}}");
        self.head = self.head.replace(&place, value);
        self.body = self.body.replace(&place, value);
        if let Some(before) = before {
            let (before, after) = (content_length(before), content_length(self.body.len()));
            self.head = self.head.replace(&before, &after);
        }
        self
    }

    /// Whether it has the place `{name}`.
    pub(super) fn wants(&self, name: &str) -> bool {
        let place = format!("{{{name}}}");
        self.head.contains(&place) || self.body.contains(&place)
    }

    /// The path of its target.
    pub(super) fn path(&self) -> &str {
        let target = self.head.split(' ').nth(1).unwrap();
        target.split('?').next().unwrap()
    }

    /// The bytes of the message.
    pub(super) fn bytes(&self) -> String {
        let head = self.head.replace('\n', "\r\n");
        format!("{head}\r\n\r\n{}", self.body)
    }

    fn length(&self) -> Option<usize> {
        let lines = self.head.lines();
        let mut values = lines.filter_map(|line| line.strip_prefix("Content-Length: "));
        values.next().map(|value| value.parse().unwrap())
    }
}

fn content_length(bytes: usize) -> String {
    format!("Content-Length: {bytes}")
}
