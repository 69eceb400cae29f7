//! Texts: free ones, chosen ones, ones with a grammar, and secrets.

use serde_json::{Value as Json, json};

use super::number::unreadable;
use super::{Kind, or_reference};
use crate::config::reader::{Place, Reader};
use crate::config::tree::Value;
use crate::model::problem::nearest;
use crate::model::secret::Secret;

/// The longest text that a key takes, in bytes. Far above any sensible name, URL or path.
const MAX_TEXT: usize = 4096;

/// A text that is not empty and holds no control characters.
pub(in crate::config) const fn text() -> Text {
    Text
}

/// A secret of at least this many bytes.
pub(in crate::config) const fn secret(least_bytes: usize) -> Hidden {
    Hidden { least_bytes }
}

/// One of a few words, each standing for a value.
pub(in crate::config) const fn choice<T: Clone + 'static>(
    words: &'static [(&'static str, T)],
) -> Choice<T> {
    Choice { words }
}

/// A text with a grammar: how to read it, what it is called, and how to write one.
pub(in crate::config) const fn parsed<T>(
    read: fn(&str) -> Option<T>,
    noun: &'static str,
    hint: &'static str,
) -> Parsed<T> {
    Parsed { read, noun, hint }
}

/// A name used as a label: 1 to 64 of `a-z`, `0-9`, `.`, `_` and `-`, not beginning with the last three.
pub(in crate::config) const fn identifier() -> Parsed<String> {
    parsed(
        read_identifier,
        "name",
        "1 to 64 of a-z, 0-9, `.`, `_` and `-`, beginning with a letter or digit",
    )
}

fn read_identifier(text: &str) -> Option<String> {
    let first = text.as_bytes().first()?;
    let head = first.is_ascii_lowercase() || first.is_ascii_digit();
    let body = text
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b));
    (head && body && text.len() <= 64).then(|| text.to_owned())
}

pub(in crate::config) struct Text;

pub(in crate::config) struct Hidden {
    least_bytes: usize,
}

pub(in crate::config) struct Choice<T: 'static> {
    words: &'static [(&'static str, T)],
}

pub(in crate::config) struct Parsed<T> {
    read: fn(&str) -> Option<T>,
    noun: &'static str,
    hint: &'static str,
}

/// The text of a place, or a problem.
pub(super) fn read_text<'n>(place: Place<'n>, reader: &mut Reader<'_>) -> Option<&'n str> {
    let Value::Text(text) = &place.node.value else {
        let hint = match place.node.value {
            Value::Whole(_) | Value::Fraction(_) | Value::Flag(_) => "put it in quotes",
            _ => "",
        };
        reader.wrong_kind(place, "a text", hint);
        return None;
    };
    let what = if text.is_empty() {
        "is empty"
    } else if text.len() > MAX_TEXT {
        "is longer than 4096 bytes"
    } else if text.chars().any(char::is_control) {
        "holds a control character, such as a line break"
    } else {
        return Some(text);
    };
    reader.problem(&place.node.origin, place.at, what, "");
    None
}

// === impl Text ===

impl Kind for Text {
    type Value = String;

    fn read(&self, place: Place<'_>, reader: &mut Reader<'_>) -> Option<String> {
        read_text(place, reader).map(str::to_owned)
    }

    fn schema(&self) -> Json {
        json!({ "type": "string", "minLength": 1, "maxLength": MAX_TEXT })
    }
}

// === impl Hidden ===

impl Kind for Hidden {
    type Value = Secret;

    fn read(&self, place: Place<'_>, reader: &mut Reader<'_>) -> Option<Secret> {
        if reader.is_unknown(place.at) {
            return Some(Secret::from(""));
        }
        let text = read_text(place, reader)?;
        if text.len() >= self.least_bytes {
            return Some(Secret::from(text));
        }
        // The length is said: whoever sees this message chose the secret, and must choose another.
        let what = format!(
            "is {} bytes long, must be at least {}",
            text.len(),
            self.least_bytes
        );
        let hint = "make one with `openssl rand -hex 32`";
        reader.secret_problem(place, what, hint);
        None
    }

    fn example(&self) -> String {
        "best as a reference, such as `${file.secrets/name}` or `${env.NAME}`".to_owned()
    }

    fn schema(&self) -> Json {
        let own = json!({ "type": "string", "minLength": self.least_bytes.max(1) });
        let mut schema = or_reference(own);
        schema["writeOnly"] = Json::Bool(true);
        schema
    }
}

// === impl Choice ===

impl<T: Clone> Choice<T> {
    fn listed(&self) -> String {
        let words: Vec<String> = self
            .words
            .iter()
            .map(|(word, _)| format!("`{word}`"))
            .collect();
        format!("one of {}", words.join(", "))
    }
}

impl<T: Clone> Kind for Choice<T> {
    type Value = T;

    fn read(&self, place: Place<'_>, reader: &mut Reader<'_>) -> Option<T> {
        let text = read_text(place, reader)?;
        if let Some((_, value)) = self.words.iter().find(|(word, _)| *word == text) {
            return Some(value.clone());
        }
        let what = unreadable(place.node, &format!("is not {}", self.listed()));
        let meant = nearest(text, self.words.iter().map(|(word, _)| *word));
        let hint = meant.map_or_else(String::new, |word| format!("did you mean `{word}`?"));
        reader.problem(&place.node.origin, place.at, what, hint);
        None
    }

    fn example(&self) -> String {
        self.listed()
    }

    fn schema(&self) -> Json {
        let words: Vec<&str> = self.words.iter().map(|(word, _)| *word).collect();
        or_reference(json!({ "enum": words }))
    }
}

// === impl Parsed ===

impl<T> Kind for Parsed<T> {
    type Value = T;

    fn read(&self, place: Place<'_>, reader: &mut Reader<'_>) -> Option<T> {
        let text = read_text(place, reader)?;
        let value = (self.read)(text);
        if value.is_none() {
            let what = unreadable(place.node, &format!("is no {}", self.noun));
            reader.problem(&place.node.origin, place.at, what, self.hint);
        }
        value
    }

    fn example(&self) -> String {
        self.hint.to_owned()
    }

    fn schema(&self) -> Json {
        json!({ "type": "string", "minLength": 1, "maxLength": MAX_TEXT })
    }
}
