//! Sections: mappings with known keys. One table per section says what its keys are called, what they
//! mean, what they take and what they default to; the struct, the reader and the schema all come from it.

use serde_json::{Map, Value as Json, json};

use crate::config::kind::Kind;
use crate::config::reader::{Place, Reader};
use crate::config::tree::{Entry, Node, Origin, Value};
use crate::model::problem::nearest;

/// A mapping with known keys. Written with [`section!`].
pub(super) trait Section: Sized {
    /// Reads every key. `None`: a required one is missing or broken, and that has been noted.
    fn read(keys: &mut Keys<'_, '_, '_>) -> Option<Self>;

    /// Whether one of its keys must be there.
    fn is_required() -> bool;

    /// The JSON Schema of the mapping.
    fn schema() -> Json;
}

/// The keys of one section while it is read.
pub(super) struct Keys<'n, 'r, 'a> {
    entries: &'n [Entry],
    at: &'n str,
    origin: &'n Origin,
    known: Vec<&'static str>,
    reader: &'r mut Reader<'a>,
}

impl<'n, 'r, 'a> Keys<'n, 'r, 'a> {
    /// The keys written in a section; its name and origin are for messages.
    pub(super) const fn new(
        entries: &'n [Entry],
        at: &'n str,
        origin: &'n Origin,
        reader: &'r mut Reader<'a>,
    ) -> Self {
        Self {
            entries,
            at,
            origin,
            known: Vec::new(),
            reader,
        }
    }

    /// Reads one key as one kind.
    pub(super) fn take<K: Kind>(&mut self, name: &'static str, kind: &K) -> Option<K::Value> {
        self.known.push(name);
        let at = self.path(name);
        let entry = self.entries.iter().find(|entry| entry.key == name);
        // An empty reference may stand for any key that may be left out, a bare `null` for fewer.
        let left_out = |node: &Node| {
            let by_reference = matches!(node.origin, Origin::Reference(_)) && !kind.is_required();
            matches!(node.value, Value::Nothing) && (by_reference || kind.may_be_nothing())
        };
        let written = entry.filter(|entry| !left_out(&entry.node));
        match (written, entry) {
            (Some(Entry { node, .. }), _) => kind.read(Place { node, at: &at }, self.reader),
            (None, Some(nothing)) => kind.absent(&at, &nothing.origin, self.reader),
            // The root is no place to point at.
            (None, None) if self.at.is_empty() => kind.absent(&at, &Origin::Unwritten, self.reader),
            (None, None) => kind.absent(&at, self.origin, self.reader),
        }
    }

    /// Notes the keys that nobody asked for, and those written twice.
    pub(super) fn finish(self) {
        for (index, entry) in self.entries.iter().enumerate() {
            let Entry { key, origin, .. } = entry;
            let at = self.path(key);
            if self.known.contains(&key.as_str()) {
                if self.entries[..index].iter().any(|other| other.key == *key) {
                    let hint = "keep one of them";
                    self.reader.problem(origin, &at, "is here twice", hint);
                }
                continue;
            }
            let meant = nearest(key, self.known.iter().copied());
            let hint = meant.map_or_else(
                || format!("known are {}", self.known.join(", ")),
                |name| format!("did you mean `{name}`?"),
            );
            if meant.is_some() || entry.key_may_be_shown() {
                self.reader.unknown_key(origin, &at, key, hint);
            } else {
                self.reader.unknown_key(origin, self.at, "", hint);
            }
        }
    }

    fn path(&self, name: &str) -> String {
        if self.at.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.at)
        }
    }
}

/// The schema of a section: what it is about, and its properties.
pub(super) fn object(about: &str, properties: Vec<Property>) -> Json {
    let required: Vec<&str> = properties
        .iter()
        .filter(|property| property.required)
        .map(|property| property.name)
        .collect();
    let required = json!(required);
    // A section without required keys may be left empty.
    let kind = if required == json!([]) {
        json!(["object", "null"])
    } else {
        json!("object")
    };
    let members: Map<String, Json> = properties
        .into_iter()
        .map(|property| (property.name.to_owned(), property.schema))
        .collect();
    json!({
        "description": about.trim(),
        "type": kind,
        "properties": members,
        "required": required,
        "additionalProperties": false,
    })
}

/// One key in the schema.
pub(super) struct Property {
    name: &'static str,
    required: bool,
    schema: Json,
}

/// Describes one key: its doc comment, and what its kind says of itself.
pub(super) fn property<T, K: Kind<Value = T>>(
    name: &'static str,
    about: &str,
    kind: &K,
) -> Property {
    let mut schema = kind.schema();
    schema["description"] = about.trim().into();
    Property {
        name,
        required: kind.is_required(),
        schema,
    }
}

/// Whether a key must be there. The type is named so that it need not be named in the table.
pub(super) fn is_required<T, K: Kind<Value = T>>(kind: &K) -> bool {
    kind.is_required()
}

/// Declares a section: `key: Type = kind` for each key, each with its doc comment.
macro_rules! section {
    (
        $(#[doc = $about:literal])+
        $vis:vis struct $name:ident {
            $( $(#[doc = $doc:literal])+ $key:ident : $type:ty = $kind:expr, )+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone)]
        $vis struct $name {
            $( $(#[doc = $doc])+ $vis $key: $type, )+
        }

        impl $crate::config::section::Section for $name {
            fn read(keys: &mut $crate::config::section::Keys<'_, '_, '_>) -> Option<Self> {
                // All are read before any is missed, so that each mistake is found.
                $( let $key: Option<$type> = keys.take(stringify!($key), &$kind); )+
                Some(Self { $( $key: $key?, )+ })
            }

            fn is_required() -> bool {
                $( $crate::config::section::is_required::<$type, _>(&$kind) )||+
            }

            fn schema() -> serde_json::Value {
                use $crate::config::section::{object, property};
                let properties = vec![
                    $( property::<$type, _>(stringify!($key), concat!($($doc),+), &$kind), )+
                ];
                object(concat!($($about),+), properties)
            }
        }
    };
}
pub(super) use section;
