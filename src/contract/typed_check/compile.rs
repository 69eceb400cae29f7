//! From schema files to [`TypedCheck`]s. A schema with a keyword that is not known here has none: it is the engine's alone.

use std::sync::Arc;

use foldhash::HashMap;
use serde_json::{Map, Value};

use super::{Effect, Format, Kinds, MemberCheck, ObjectCheck, Only, Pattern, TypedCheck};
use crate::contract::dates::{Distance, NOT_BEFORE, WITHIN_A_YEAR};
use crate::contract::normal_form::NormalForm;
use crate::contract::schema::Schemas;
use crate::contract::shape::EffectiveWhen;
use crate::model::json;

/// Most members, and most conditions, of one object.
pub(super) const MOST: usize = 64;
/// References deeper than this are a mistake in the schema files.
const DEEPEST: usize = 16;
/// What says nothing of whether a value fits; so do the names of [annotations](is_annotation) of our own.
const ANNOTATIONS: [&str; 8] = [
    "$schema",
    "$id",
    "$defs",
    "$comment",
    "title",
    "description",
    "default",
    "deprecated",
];

/// Checks of the schemas, each compiled once however many operations share it.
#[derive(Debug)]
pub(in crate::contract) struct TypedChecks<'s> {
    schemas: &'s Schemas,
    compiled: HashMap<String, Option<Arc<TypedCheck>>>,
    patterns: HashMap<String, Arc<Pattern>>,
}

type Keywords = Map<String, Value>;

impl<'s> TypedChecks<'s> {
    pub(in crate::contract) fn new(schemas: &'s Schemas) -> Self {
        Self {
            schemas,
            compiled: HashMap::default(),
            patterns: HashMap::default(),
        }
    }

    /// That of the schema at `reference`.
    pub(in crate::contract) fn at(&mut self, reference: &str) -> Option<Arc<TypedCheck>> {
        if let Some(known) = self.compiled.get(reference) {
            return known.clone();
        }
        let check = self.referred("", reference, 0).map(Arc::new);
        self.compiled.insert(reference.to_owned(), check.clone());
        check
    }

    fn referred(&mut self, file: &'s str, reference: &str, depth: usize) -> Option<TypedCheck> {
        let (schema, file) = self.schemas.resolve(file, reference).ok()?;
        if depth > DEEPEST {
            return None;
        }
        self.schema(file, schema.as_object()?, depth + 1)
    }

    fn schema(&mut self, file: &'s str, schema: &Keywords, depth: usize) -> Option<TypedCheck> {
        let Some(reference) = schema.get("$ref") else {
            let mut check = TypedCheck::default();
            check.spell(schema)?;
            return self.into(&mut check, file, schema, depth).map(|()| check);
        };
        let mut check = self.referred(file, reference.as_str()?, depth)?;
        check.spell(schema)?;
        let beside: Keywords = assertions(schema)
            .filter(|(keyword, _)| *keyword != "$ref")
            .map(|(keyword, value)| (keyword.clone(), value.clone()))
            .collect();
        if beside.keys().all(|keyword| keyword == "required") {
            self.into(&mut check, file, &beside, depth)?;
        } else {
            check.also.push(self.schema(file, &beside, depth)?);
        }
        Some(check)
    }

    /// Adds what a schema without reference says. Each keyword stands once in it, and `required` and conditions can be added to
    /// what is there.
    fn into(
        &mut self,
        check: &mut TypedCheck,
        file: &'s str,
        schema: &Keywords,
        depth: usize,
    ) -> Option<()> {
        for (keyword, value) in assertions(schema) {
            match &**keyword {
                "type" => check.kinds = kinds(value.as_str()?)?,
                "enum" => check.only = Some(only(value.as_array()?)?),
                "const" => check.also.push(TypedCheck {
                    only: Some(only(std::slice::from_ref(value))?),
                    ..TypedCheck::default()
                }),
                "minimum" => check.minimum = Some(value.as_i64()?),
                "maximum" => check.maximum = Some(value.as_i64()?),
                "maxLength" => check.max_length = Some(size(value)?),
                "minItems" => check.min_items = size(value)?,
                "maxItems" => check.max_items = Some(size(value)?),
                "pattern" => check.pattern = Some(self.pattern(value.as_str()?)?),
                "format" => check.format = Some(format(value.as_str()?)?),
                "items" => {
                    let items = self.schema(file, value.as_object()?, depth)?;
                    check.items = Some(Box::new(items));
                }
                "required" => {
                    let object = check.object.get_or_insert_default();
                    for name in value.as_array()? {
                        object.required |= super::bit(object.place(name.as_str()?)?);
                    }
                }
                "properties" => {
                    let members = value.as_object()?;
                    for (name, schema) in members {
                        let schema = schema.as_object()?;
                        let compiled = self.schema(file, schema, depth)?;
                        let object = check.object.get_or_insert_default();
                        let place = object.place(name)?;
                        object.members.get_mut(place)?.check = compiled;
                        object.described |= super::bit(place);
                        if let Some(condition) = self.said(file, schema, EffectiveWhen::KEYWORD) {
                            let effect = self.effect(file, members, place, condition)?;
                            object.effects.push(effect);
                        }
                    }
                }
                "allOf" => {
                    for schema in value.as_array()? {
                        let schema = schema.as_object()?;
                        if assertions(schema)
                            .all(|(keyword, _)| matches!(&**keyword, "if" | "then"))
                        {
                            self.into(check, file, schema, depth)?;
                        } else {
                            check.also.push(self.schema(file, schema, depth)?);
                        }
                    }
                }
                "if" => {
                    let then = self.schema(file, schema.get("then")?.as_object()?, depth)?;
                    self.condition(check, file, value, then, depth)?;
                }
                "then" => _ = schema.get("if")?,
                NOT_BEFORE | WITHIN_A_YEAR => {
                    let object = check.object.get_or_insert_default();
                    object
                        .distances
                        .push(Distance::of_keyword(keyword, value).ok()?);
                }
                _ => return None,
            }
        }
        Some(())
    }

    /// A condition on one member that is there: no other is in the schema files.
    fn condition(
        &mut self,
        check: &mut TypedCheck,
        file: &'s str,
        condition: &Value,
        then: TypedCheck,
        depth: usize,
    ) -> Option<()> {
        let (required, properties) = (condition.get("required")?, condition.get("properties")?);
        let ([name], properties) = (&**required.as_array()?, properties.as_object()?) else {
            return None;
        };
        let name = name.as_str()?;
        let is_of_one = properties.len() == 1 && condition.as_object()?.len() == 2;
        let when = properties.get(name).filter(|_| is_of_one)?;
        let when = self.schema(file, when.as_object()?, depth)?;
        let object = check.object.get_or_insert_default();
        let number = object.conditions.len();
        if number == MOST {
            return None;
        }
        object.conditions.push(then);
        let place = object.place(name)?;
        object
            .members
            .get_mut(place)?
            .calls_for
            .push((when, number));
        Some(())
    }

    /// What a member's schema says under a keyword, or the one that it refers to.
    fn said(&self, file: &'s str, schema: &'s Keywords, keyword: &str) -> Option<&'s Value> {
        let referred = || {
            let reference = schema.get("$ref")?.as_str()?;
            self.schemas.resolve(file, reference).ok()?.0.get(keyword)
        };
        schema.get(keyword).or_else(referred)
    }

    fn effect(
        &self,
        file: &'s str,
        members: &'s Keywords,
        of: usize,
        condition: &Value,
    ) -> Option<Effect> {
        let when = EffectiveWhen::of_keyword(condition)?;
        let beside = members.get(&*when.member)?.as_object()?;
        let default = self.said(file, beside, "default");
        Some(Effect {
            of,
            default: default.cloned().map(json::Value::from),
            when,
        })
    }

    fn pattern(&mut self, text: &str) -> Option<Arc<Pattern>> {
        if let Some(known) = self.patterns.get(text) {
            return Some(Arc::clone(known));
        }
        let pattern = Arc::new(Pattern::compile(text)?);
        self.patterns.insert(text.to_owned(), Arc::clone(&pattern));
        Some(pattern)
    }
}

impl TypedCheck {
    /// Notes how a text is spelt, if the schema says so.
    fn spell(&mut self, schema: &Keywords) -> Option<()> {
        if let Some(name) = schema.get("x-normal-form") {
            self.form = Some(NormalForm::named(name.as_str()?)?);
        }
        Some(())
    }
}

impl ObjectCheck {
    /// The number of a member, which has a check now.
    fn place(&mut self, name: &str) -> Option<usize> {
        let number = self.names.put(name);
        if number == self.members.len() {
            self.members.push(MemberCheck::default());
        }
        (number < MOST).then_some(number)
    }
}

fn assertions(schema: &Keywords) -> impl Iterator<Item = (&String, &Value)> {
    schema.iter().filter(|(keyword, _)| !is_annotation(keyword))
}

fn is_annotation(keyword: &str) -> bool {
    let is_own = keyword.starts_with("x-") && ![NOT_BEFORE, WITHIN_A_YEAR].contains(&keyword);
    is_own || ANNOTATIONS.contains(&keyword)
}

fn kinds(name: &str) -> Option<Kinds> {
    Some(match name {
        "null" => Kinds::NULL,
        "boolean" => Kinds::BOOLEAN,
        "integer" | "number" => Kinds::NUMBER,
        "string" => Kinds::TEXT,
        "array" => Kinds::ARRAY,
        "object" => Kinds::OBJECT,
        _ => return None,
    })
}

fn only(values: &[Value]) -> Option<Only> {
    let texts = values.iter().filter_map(Value::as_str).map(Into::into);
    let integers = values.iter().filter_map(Value::as_i64);
    let only = Only {
        texts: texts.collect(),
        integers: integers.collect(),
    };
    (only.texts.len() + only.integers.len() == values.len()).then_some(only)
}

fn format(name: &str) -> Option<Format> {
    match name {
        "calendar-date" => Some(Format::CalendarDate),
        "utc-minutes" => Some(Format::UtcMinutes),
        _ => None,
    }
}

fn size(value: &Value) -> Option<usize> {
    value.as_u64().and_then(|size| usize::try_from(size).ok())
}
