//! Bytes to [`Document`] in one pass, refusing everything that two parsers could read differently: duplicate names (after
//! unescaping, at any depth), a byte order mark, invalid UTF-8, trailing data, whole numbers that would lose their last digits,
//! NUL in names. What lies deeper or is more than the limits allow is refused as well. A number with a fraction or an exponent is
//! a double, here as everywhere; one that no double can hold is refused.
//!
//! A fault tells where and what, and may name a member, but never shows a value.
//!
//! There are two readers. The first is made for speed and knows no faults: it gives a document or gives up. The second
//! reads what the first gave up, and has the last word.
//!
//! ```
//! use meeting_gateway::contract::strict_json::{Limits, parse};
//!
//! let document = parse(br#"{"length": 60}"#, Limits::default()).unwrap();
//! assert_eq!(document.0["length"], 60);
//!
//! let fault = parse(b"{\"length\": 60,\n \"l\\u0065ngth\": 999}", Limits::default()).unwrap_err();
//! assert_eq!((fault.line, &*fault.reason), (2, "the name `length` occurs twice in one object"));
//! ```

mod reader;
mod second_reading;

use std::borrow::Cow;

use crate::model::document::Document;

/// Bounds on a document beyond its size in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Objects and arrays inside one another, the root included. 32 by default; more than 127 has no effect.
    pub depth: usize,
    /// Values in all. 200 000 by default: `[0,0,...]` takes 36 times its bytes in memory.
    pub values: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 32,
            values: 200_000,
        }
    }
}

/// Why bytes are no strict JSON object.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason} (line {line}, column {column})")]
pub struct JsonFault {
    /// What is wrong: a lower-case fragment without the caller's values.
    pub reason: Cow<'static, str>,
    /// 1-based line.
    pub line: usize,
    /// 1-based column in bytes; 0 where the fault is at a line's very start.
    pub column: usize,
}

/// Reads a document.
///
/// # Errors
///
/// The first fault.
pub fn parse(bytes: &[u8], limits: Limits) -> Result<Document, JsonFault> {
    let fault = |reason: &'static str, (line, column)| JsonFault {
        reason: reason.into(),
        line,
        column,
    };
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Err(fault("it begins with a byte order mark", (1, 1)));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|error| fault("it is not UTF-8", position(bytes, error.valid_up_to())))?;
    if text.trim_ascii().is_empty() {
        return Err(fault("it is empty", (1, 1)));
    }
    match reader::read(text, limits) {
        Some(members) => Ok(Document(members)),
        None => second_reading::read(text, limits).map(Document),
    }
}

/// Line and column (in bytes), from 1, of an offset.
fn position(bytes: &[u8], offset: usize) -> (usize, usize) {
    let before = &bytes[..offset.min(bytes.len())];
    let line_start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
    let line = memchr::memchr_iter(b'\n', before).count() + 1;
    (line, before.len() - line_start + 1)
}

#[cfg(test)]
mod tests;
