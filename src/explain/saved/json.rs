//! Walks JSON without building a tree, so that a text of any shape takes little memory and every fault has its place.
//!
//! Faults name members and never show values; `serde_json`'s own messages about values would.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{Format, Unreadable};

/// One value of a text.
#[derive(Debug, Clone)]
pub(super) struct Json<'a> {
    /// The whole text.
    text: &'a str,
    /// This value's part of it.
    raw: &'a str,
    /// Its path, such as `log.entries[0].request`; empty for the root.
    path: String,
    format: Option<Format>,
}

impl<'a> Json<'a> {
    /// The value that a text is.
    pub(super) fn root(text: &'a str) -> Result<Self, Unreadable> {
        match serde_json::from_str::<&RawValue>(text) {
            Ok(raw) => Ok(Self {
                text,
                raw: raw.get(),
                path: String::new(),
                format: None,
            }),
            Err(error) => Err(no_json(text, &error)),
        }
    }

    /// The same value, now known to belong to a format.
    pub(super) fn of(mut self, format: Format) -> Self {
        self.format = Some(format);
        self
    }

    /// Its text.
    pub(super) const fn raw(&self) -> &'a str {
        self.raw
    }

    /// A fault of this value.
    pub(super) fn fault(&self, what: impl Into<String>) -> Unreadable {
        let mut fault = Unreadable::new(self.format, what);
        fault.member.clone_from(&self.path);
        let start = self.raw.as_ptr() as usize - self.text.as_ptr() as usize;
        fault.at(self.text.as_bytes(), start)
    }

    /// Some members of an object. One that is `null` counts as absent; one that occurs twice is refused.
    pub(super) fn members<const N: usize>(
        &self,
        names: [&'static str; N],
    ) -> Result<[Option<Self>; N], Unreadable> {
        if !self.raw.starts_with('{') {
            return Err(self.fault("it must be a JSON object"));
        }
        let found = serde_json::Deserializer::from_str(self.raw)
            .deserialize_map(Members(names))
            .map_err(|error| self.wrong(&error))?;
        let mut names = names.into_iter();
        Ok(found.map(|raw| {
            let name = names.next().unwrap_or_default();
            raw.map(RawValue::get)
                .filter(|raw| *raw != "null")
                .map(|raw| self.child(raw, name))
        }))
    }

    /// A member that must be there.
    pub(super) fn required<'b>(
        &self,
        member: Option<&'b Self>,
        name: &str,
    ) -> Result<&'b Self, Unreadable> {
        member.ok_or_else(|| self.fault(format!("it has no member `{name}`")))
    }

    /// All members of an object, in order.
    pub(super) fn each(&self, most: usize) -> Result<Vec<(String, Self)>, Unreadable> {
        if !self.raw.starts_with('{') {
            return Err(self.fault("it must be a JSON object"));
        }
        let found = serde_json::Deserializer::from_str(self.raw)
            .deserialize_map(Each(most))
            .map_err(|error| self.wrong(&error))?;
        Ok(found
            .into_iter()
            .map(|(name, raw)| {
                let child = self.child(raw.get(), &name);
                (name, child)
            })
            .collect())
    }

    /// The elements of an array.
    pub(super) fn elements(&self, most: usize) -> Result<Vec<Self>, Unreadable> {
        if !self.raw.starts_with('[') {
            return Err(self.fault("it must be a JSON array"));
        }
        let found = serde_json::Deserializer::from_str(self.raw)
            .deserialize_seq(Elements(most))
            .map_err(|error| self.wrong(&error))?;
        Ok(found
            .into_iter()
            .enumerate()
            .map(|(index, raw)| {
                let mut child = self.child(raw.get(), "");
                child.path = format!("{}[{index}]", self.path);
                child
            })
            .collect())
    }

    /// Whether it is an array.
    pub(super) fn is_array(&self) -> bool {
        self.raw.starts_with('[')
    }

    /// The text that it is.
    pub(super) fn string(&self) -> Result<Cow<'a, str>, Unreadable> {
        #[derive(serde::Deserialize)]
        struct Text<'a>(#[serde(borrow)] Cow<'a, str>);
        if !self.raw.starts_with('"') {
            return Err(self.fault("it must be a text"));
        }
        serde_json::from_str(self.raw)
            .map(|Text(text)| text)
            .map_err(|_| self.fault("it has an escape that means no character"))
    }

    /// The non-negative whole number that it is, if it is one.
    pub(super) fn number(&self) -> Option<u64> {
        self.raw.parse().ok()
    }

    fn child(&self, raw: &'a str, name: &str) -> Self {
        let dot = if self.path.is_empty() { "" } else { "." };
        let short: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
        Self {
            text: self.text,
            raw,
            path: format!("{}{dot}{short}", self.path),
            format: self.format,
        }
    }

    /// The faults of our own visitors, which hold no values; anything else is told as a whole.
    fn wrong(&self, error: &serde_json::Error) -> Unreadable {
        if error.is_data() {
            let what = error.to_string();
            self.fault(what.split(" at line ").next().unwrap_or_default())
        } else {
            self.fault("it has a name with an escape that means no character")
        }
    }
}

/// The place and kind of a mistake in JSON. Messages of this category name what is expected, never what is there.
fn no_json(text: &str, error: &serde_json::Error) -> Unreadable {
    let what = error.to_string();
    let what = match what.split(" at line ").next() {
        Some("trailing characters") => "more follows after the JSON object".to_owned(),
        Some(what) if error.is_syntax() => format!("it is no JSON: {what}"),
        _ => "the JSON ends too early".to_owned(),
    };
    let line_start: usize = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum();
    Unreadable::new(None, what).at(
        text.as_bytes(),
        line_start + error.column().saturating_sub(1),
    )
}

/// A member's name, borrowed unless it is escaped.
#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

struct Members<const N: usize>([&'static str; N]);

impl<'de, const N: usize> Visitor<'de> for Members<N> {
    type Value = [Option<&'de RawValue>; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = [None; N];
        while let Some(Name(name)) = map.next_key()? {
            let slot = self.0.iter().position(|known| *known == name);
            match slot.and_then(|at| found.get_mut(at)) {
                Some(Some(_)) => {
                    return Err(A::Error::custom(format!(
                        "its member `{name}` occurs twice"
                    )));
                }
                Some(slot) => *slot = Some(map.next_value()?),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(found)
    }
}

struct Each(usize);

impl<'de> Visitor<'de> for Each {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = Vec::new();
        while let Some(Name(name)) = map.next_key()? {
            if found.len() >= self.0 {
                return Err(A::Error::custom(format!(
                    "it has more than {} members",
                    self.0
                )));
            }
            found.push((name.into_owned(), map.next_value()?));
        }
        Ok(found)
    }
}

struct Elements(usize);

impl<'de> Visitor<'de> for Elements {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut found = Vec::new();
        while let Some(raw) = seq.next_element()? {
            if found.len() >= self.0 {
                return Err(A::Error::custom(format!(
                    "it has more than {} elements",
                    self.0
                )));
            }
            found.push(raw);
        }
        Ok(found)
    }
}
