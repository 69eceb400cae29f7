//! A schema of the contract as a schema of what callers may send, under a configuration.
//!
//! The contract holds canonical documents: by then, members are taken out and values spelt anew. What the document says must
//! be as lenient as the gateway before that, and never stricter: what the gateway takes, the schema takes.
//!
//! | configuration | in the schema |
//! |---|---|
//! | `coercion: accept` | the texts of numbers and booleans are alternatives |
//! | `unknown_fields: reject` | `additionalProperties: false`; what is always taken out is listed, and may hold anything |
//! | `ineffective_fields: remove` | a member that has an effect only beside some value of another may else hold anything |
//! | `ineffective_fields: reject` | such a member must not be there where it has no effect |

use serde_json::{Map, Value, json};

use super::{reference, spelling};
use crate::contract::normalise::{Coercion, Ineffective};
use crate::contract::unknown_members::UnknownMembers;

/// How strictly requests are read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Strictness {
    /// Texts where numbers or booleans belong.
    pub(super) coercion: Coercion,
    /// Members without effect.
    pub(super) ineffective: Ineffective,
    /// Members that nobody knows.
    pub(super) unknown: UnknownMembers,
}

/// A condition on a sibling, and the members that it counts for.
type Bound<'s> = (&'s Map<String, Value>, Map<String, Value>);

/// Rewrites the schemas of one file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rewriting<'f> {
    /// The file, for references in it.
    pub(super) file: &'f str,
    /// How strictly requests are read.
    pub(super) strictness: Strictness,
}

impl Rewriting<'_> {
    /// Any schema of the file.
    pub(super) fn schema(&self, schema: &Value) -> Value {
        let Some(members) = schema.as_object() else {
            return schema.clone();
        };
        if members.contains_key("properties") {
            return self.object(members).into();
        }
        match members.get("type").and_then(Value::as_str) {
            Some("array") => self.array(members).into(),
            Some("object") | None => self.as_it_is(members).into(),
            Some(_) => spelling::of(members, self.strictness.coercion).into(),
        }
    }

    /// One with a reference, or without anything to spell.
    fn as_it_is(&self, schema: &Map<String, Value>) -> Map<String, Value> {
        let mut kept = Value::from(schema.clone());
        reference::rewrite_all(self.file, &mut kept);
        let kept = kept.as_object_mut().map(std::mem::take).unwrap_or_default();
        kept.into_iter()
            .filter(|(key, _)| !is_of_the_file(key))
            .collect()
    }

    fn array(&self, schema: &Map<String, Value>) -> Map<String, Value> {
        let mut array = self.as_it_is(schema);
        if let Some(items) = schema.get("items") {
            array.insert("items".to_owned(), self.schema(items));
        }
        array
    }

    fn object(&self, schema: &Map<String, Value>) -> Map<String, Value> {
        let none = Map::new();
        let known = schema
            .get("properties")
            .and_then(Value::as_object)
            .unwrap_or(&none);
        let mut object = Map::new();
        let mut conditions = Vec::new();
        for (key, value) in schema {
            let rewritten = match key.as_str() {
                key if is_of_the_file(key) => continue,
                "properties" => self.properties(schema, known, &mut conditions).into(),
                "if" | "then" | "else" => self.condition(known, value),
                "allOf" => {
                    let all = value.as_array().into_iter().flatten();
                    all.map(|one| self.conditional(known, one)).collect()
                }
                _ => {
                    let mut kept = value.clone();
                    reference::rewrite_all(self.file, &mut kept);
                    kept
                }
            };
            object.insert(key.clone(), rewritten);
        }
        if !conditions.is_empty() {
            let all = object
                .entry("allOf")
                .or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(all) = all {
                all.append(&mut conditions);
            }
        }
        if self.strictness.unknown == UnknownMembers::Reject {
            object.insert("additionalProperties".to_owned(), false.into());
        }
        object
    }

    /// The members. Those that count beside some value of another only are described here, and bound in `conditions`.
    fn properties(
        &self,
        schema: &Map<String, Value>,
        known: &Map<String, Value>,
        conditions: &mut Vec<Value>,
    ) -> Map<String, Value> {
        let mut properties = Map::new();
        let mut bound: Vec<Bound<'_>> = Vec::new();
        for (name, member) in known {
            let rewritten = self.schema(member);
            let when = member.get("x-effective-when").and_then(Value::as_object);
            let Some(when) = when else {
                properties.insert(name.clone(), rewritten);
                continue;
            };
            let then = match self.strictness.ineffective {
                Ineffective::Remove => {
                    properties.insert(name.clone(), described(&rewritten, when));
                    without_words(rewritten)
                }
                Ineffective::Keep => {
                    properties.insert(name.clone(), refused_elsewhere(rewritten, when));
                    false.into()
                }
            };
            match bound.iter_mut().find(|(same, _)| *same == when) {
                Some((_, members)) => members.extend([(name.clone(), then)]),
                None => bound.push((when, Map::from_iter([(name.clone(), then)]))),
            }
        }
        for (when, members) in bound {
            conditions.extend(match self.strictness.ineffective {
                Ineffective::Remove => self.where_effective(known, when, &members),
                Ineffective::Keep => self.where_idle(known, when, &members),
            });
        }
        let strays = schema.get("x-strip").and_then(Value::as_object);
        for (name, reason) in strays.into_iter().flatten() {
            let reason = reason.as_str().unwrap_or_default();
            let stray = json!({ "deprecated": true, "description": format!("Taken out, whatever it holds: {reason}.") });
            properties.insert(name.clone(), stray);
        }
        properties
    }

    /// `members` are what they must be where the sibling has one of the values.
    fn where_effective(
        &self,
        known: &Map<String, Value>,
        when: &Map<String, Value>,
        members: &Map<String, Value>,
    ) -> Option<Value> {
        let (sibling, values) = when.iter().next()?;
        let demand = Map::from_iter([("enum".to_owned(), values.clone())]);
        let value = self.narrowed(known.get(sibling), &demand);
        Some(json!({
            "if": { "required": [sibling], "properties": { sibling: value } },
            "then": { "properties": members },
        }))
    }

    /// `members` are not there where the sibling has any other of its values, or is left out and means one of those.
    fn where_idle(
        &self,
        known: &Map<String, Value>,
        when: &Map<String, Value>,
        members: &Map<String, Value>,
    ) -> Option<Value> {
        let (sibling, values) = when.iter().next()?;
        let member = known.get(sibling)?;
        let values = values.as_array()?;
        let mut idle = member.get("enum")?.as_array()?.clone();
        idle.retain(|value| !values.contains(value));
        let by_default = member
            .get("default")
            .is_some_and(|default| idle.contains(default));
        let required: &[&String] = if by_default { &[] } else { &[sibling] };
        let demand = Map::from_iter([("enum".to_owned(), idle.into())]);
        let value = self.narrowed(Some(member), &demand);
        Some(json!({
            "if": { "required": required, "properties": { sibling: value } },
            "then": { "properties": members },
        }))
    }

    fn conditional(&self, known: &Map<String, Value>, schema: &Value) -> Value {
        let members = schema.as_object().into_iter().flatten();
        members
            .map(|(key, value)| (key.clone(), self.condition(known, value)))
            .collect::<Map<_, _>>()
            .into()
    }

    /// A part of a condition, which speaks of the object's own members.
    fn condition(&self, known: &Map<String, Value>, schema: &Value) -> Value {
        let mut condition = schema.clone();
        if let Some(Value::Object(members)) = condition.get_mut("properties") {
            for (name, member) in members {
                if let Value::Object(demand) = &*member {
                    *member = self.narrowed(known.get(name), demand);
                }
            }
        }
        condition
    }

    /// What a member must be where more is demanded of it than always, in every spelling.
    fn narrowed(&self, member: Option<&Value>, demand: &Map<String, Value>) -> Value {
        let Some(member) = member.and_then(Value::as_object) else {
            return demand.clone().into();
        };
        if let Some(items) = demand.get("items").and_then(Value::as_object) {
            let mut array = demand.clone();
            array.insert(
                "items".to_owned(),
                self.narrowed(member.get("items"), items),
            );
            return array.into();
        }
        let lists = |key: &str| matches!(key, "const" | "enum");
        let exact = demand.keys().any(|key| lists(key));
        let mut whole = Map::new();
        for (key, value) in member {
            // Where values are listed, the list says it all; what tells about the member is said there.
            let bound = spelling::is_constraint(key) && (!exact || key == "type");
            if bound || key == "x-normal-form" {
                whole.insert(key.clone(), value.clone());
            }
        }
        whole.extend(demand.clone());
        let mut narrowed = spelling::of(&whole, self.strictness.coercion);
        narrowed.shift_remove("x-normal-form");
        narrowed.into()
    }
}

/// Whether a keyword is for those who write the file.
fn is_of_the_file(key: &str) -> bool {
    matches!(key, "$schema" | "$id" | "$comment" | "$defs" | "x-strip")
}

/// A member that may hold anything where it has no effect. What it is meant to hold comes first, for whoever reads or makes
/// values.
fn described(member: &Value, when: &Map<String, Value>) -> Value {
    let mut told = member.as_object().cloned().unwrap_or_default();
    told.retain(|key, _| tells(key));
    let elsewhere = format!("Anything, unless {}: it is taken out.", condition(when));
    told.insert(
        "anyOf".to_owned(),
        json!([without_words(member.clone()), { "description": elsewhere }]),
    );
    told.into()
}

/// A member that is refused where it has no effect.
fn refused_elsewhere(mut member: Value, when: &Map<String, Value>) -> Value {
    let told = format!("Refused, unless {}.", condition(when));
    if let Some(members) = member.as_object_mut() {
        let words = match members.get("description").and_then(Value::as_str) {
            Some(words) => format!("{words} {told}"),
            None => told,
        };
        members.insert("description".to_owned(), words.into());
    }
    member
}

/// A condition on a sibling in words.
fn condition(when: &Map<String, Value>) -> String {
    let told = when.iter().map(|(sibling, values)| {
        let values = values.as_array().into_iter().flatten();
        let values: Vec<String> = values
            .map(|value| {
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned)
            })
            .collect();
        format!("`{sibling}` is {}", values.join(" or "))
    });
    told.collect::<Vec<_>>().join(" and ")
}

/// Whether a keyword tells about a member, rather than bounds its values.
fn tells(key: &str) -> bool {
    matches!(key, "description" | "default" | "title") || key.starts_with("x-")
}

/// The same without what has been said where the member is described.
fn without_words(mut schema: Value) -> Value {
    if let Value::Object(members) = &mut schema {
        members.retain(|key, _| !tells(key));
    }
    schema
}
