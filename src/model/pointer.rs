//! JSON Pointers (RFC 6901): building them token by token, and reading them.
//!
//! ```
//! use meeting_gateway::model::pointer;
//!
//! let mut at = String::from("/attendees/0");
//! pointer::push(&mut at, "a/b~c");
//! assert_eq!(at, "/attendees/0/a~1b~0c");
//! assert_eq!(pointer::tokens(&at).unwrap(), ["attendees", "0", "a/b~c"]);
//! assert_eq!(pointer::of(&["attendees".into(), "a/b".into()]), "/attendees/a~1b");
//! assert!(pointer::tokens("attendees").is_err());
//! ```

use std::fmt::Write as _;

/// A text that is no JSON Pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a JSON Pointer is empty or begins with `/`, and `~` is followed by 0 or 1 (RFC 6901)")]
pub struct NotAPointer;

/// Appends one member name, escaped.
pub fn push(pointer: &mut String, token: &str) {
    pointer.reserve(token.len() + 1);
    pointer.push('/');
    // As nearly every name is.
    if !token.bytes().any(|byte| matches!(byte, b'~' | b'/')) {
        pointer.push_str(token);
        return;
    }
    for c in token.chars() {
        match c {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

/// The pointer of these names.
pub fn of(tokens: &[Box<str>]) -> String {
    let length = tokens.iter().map(|token| token.len() + 1).sum();
    let mut pointer = String::with_capacity(length);
    for token in tokens {
        push(&mut pointer, token);
    }
    pointer
}

/// Appends one array index.
pub fn push_index(pointer: &mut String, index: usize) {
    // Writing to a String cannot fail.
    let _ = write!(pointer, "/{index}");
}

/// Takes a pointer apart into unescaped tokens.
pub fn tokens(pointer: &str) -> Result<Vec<String>, NotAPointer> {
    if pointer.is_empty() {
        return Ok(Vec::new());
    }
    let rest = pointer.strip_prefix('/').ok_or(NotAPointer)?;
    rest.split('/').map(unescape).collect()
}

fn unescape(token: &str) -> Result<String, NotAPointer> {
    let mut out = String::with_capacity(token.len());
    let mut chars = token.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '~' { chars.next() } else { None }) {
            ('~', Some('0')) => out.push('~'),
            ('~', Some('1')) => out.push('/'),
            ('~', _) => return Err(NotAPointer),
            (other, _) => out.push(other),
        }
    }
    Ok(out)
}

/// The last token of a pointer as written, without its slash; empty for the root.
pub fn last(pointer: &str) -> &str {
    pointer.rsplit('/').next().unwrap_or_default()
}
