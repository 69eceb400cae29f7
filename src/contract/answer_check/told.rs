//! What an answer tells of the first meeting in it, without building a tree of the rest.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// The members of the first meeting that are wanted.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Whether it stands in a list.
    pub(super) in_list: bool,
    /// The members.
    pub(super) members: Map<String, Value>,
}

impl Told {
    /// Reads an answer; none where it is no meeting and no list of them.
    pub(super) fn read(answer: &[u8], wanted: &dyn Fn(&str) -> bool) -> Option<Self> {
        let mut deserializer = serde_json::Deserializer::from_slice(answer);
        let told = Reader { wanted }.deserialize(&mut deserializer).ok()?;
        deserializer.end().ok()?;
        told
    }
}

/// Reads a meeting, or the first of a list.
#[derive(Clone, Copy)]
struct Reader<'w> {
    wanted: &'w dyn Fn(&str) -> bool,
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Option<Told>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Option<Told>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a meeting or a list of meetings")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut told = Told::default();
        while let Some(Name(name)) = map.next_key()? {
            if (self.wanted)(&name) {
                told.members.insert(name.into_owned(), map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Some(told))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let first = seq.next_element_seed(self)?.flatten();
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(first.map(|told| Told {
            in_list: true,
            ..told
        }))
    }
}

/// A member's name, borrowed unless it is escaped.
#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);
