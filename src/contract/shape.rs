//! What the members of a body are, compiled from its schema into a tree that the other steps walk along with the document:
//! known names, types, normal forms, defaults. References are followed once, here.

use std::sync::Arc;

// Callers only look names up here, they never put any in: a fast hash is safe.
use foldhash::{HashMap, HashSet};
use serde_json::Value as Schema;

use super::ContractError;
use super::look_alike::fold;
use super::name_table::NameTable;
use super::normal_form::NormalForm;
use super::schema::Schemas;
use super::told_as::ToldAs;
use crate::model::field::{Field, FieldType};
use crate::model::json::Value;
use crate::model::pointer;

/// References deeper than this are a mistake in the schema files.
const DEEPEST: usize = 16;

/// The known members of one object.
#[derive(Debug, Default)]
pub struct Shape {
    /// In the schema's order.
    names: NameTable,
    /// In the order of the names.
    members: Vec<Member>,
    folded: HashMap<Box<str>, Box<str>>,
    strays: HashMap<Box<str>, Box<str>>,
    required: HashSet<Box<str>>,
    /// The numbers of members.
    conditional: Vec<usize>,
}

/// What is known of one member.
#[derive(Debug)]
pub struct Member {
    /// Its type.
    pub kind: FieldType,
    /// The type of an array's items.
    pub item: Option<FieldType>,
    /// The shape of the object, or of the array's items.
    pub child: Option<Arc<Shape>>,
    /// How a text is brought to its canonical spelling.
    pub normal_form: Option<NormalForm>,
    /// When it has an effect at all.
    pub effective_when: Option<EffectiveWhen>,
    /// The documented value where it is absent.
    pub default: Option<Value>,
    /// Smallest integer allowed, of the items where it is an array.
    pub minimum: Option<i64>,
    /// Largest integer allowed, of the items where it is an array.
    pub maximum: Option<i64>,
    /// Most characters of a text.
    pub max_length: Option<u64>,
    /// Most items of an array.
    pub max_items: Option<usize>,
    /// The only values allowed; empty where any is.
    pub allowed: Box<[Value]>,
    /// Whether the upstream refuses to change it after creation.
    pub immutable: bool,
    /// Where the detail of a meeting tells it.
    pub told: Option<ToldAs>,
    /// What the number counts: `minutes`.
    pub unit: Option<Box<str>>,
    /// What a right value is, where type and range do not say it.
    pub expected: Option<Box<str>>,
    /// What it means, a sentence.
    pub description: Box<str>,
}

/// A member has an effect only where a sibling has one of these values.
#[derive(Debug, PartialEq)]
pub struct EffectiveWhen {
    /// The sibling.
    pub member: Box<str>,
    /// Its values.
    pub values: Box<[Value]>,
}

impl EffectiveWhen {
    /// The keyword that says so.
    pub(super) const KEYWORD: &'static str = "x-effective-when";

    /// What the keyword says, of one sibling.
    pub(super) fn of_keyword(condition: &Schema) -> Option<Self> {
        let (member, values) = condition.as_object()?.iter().next()?;
        Some(Self {
            member: member.as_str().into(),
            values: values_of(Some(values)),
        })
    }
}

impl Shape {
    /// Compiles the schema at `reference`.
    pub(super) fn compile(schemas: &Schemas, reference: &str) -> Result<Arc<Self>, ContractError> {
        let mut shape = Self::default();
        shape.collect(schemas, "", reference, 0)?;
        Ok(Arc::new(shape))
    }

    /// Adds a member whose schema is at `reference`.
    pub(super) fn add(
        &mut self,
        schemas: &Schemas,
        name: &str,
        reference: &str,
    ) -> Result<(), ContractError> {
        let (schema, file) = schemas.resolve("", reference)?;
        let member =
            Member::compile(schemas, file, schema, 0).map_err(|error| error.within(name))?;
        self.insert(name, member);
        Ok(())
    }

    /// The member of exactly this name.
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.members.get(self.names.find(name)?)
    }

    /// The known members, in the schema's order.
    pub fn members(&self) -> impl Iterator<Item = (&str, &Member)> {
        self.names.names().zip(&self.members)
    }

    /// The known name that an unknown one looks like: it differs by case, white space, control or invisible characters only.
    pub fn look_alike(&self, name: &str) -> Option<&str> {
        self.folded.get(fold(name).as_str()).map(|known| &**known)
    }

    /// Whether the detail of a meeting tells any of the members.
    pub(super) fn is_told(&self) -> bool {
        self.members.iter().any(|member| member.told.is_some())
    }

    /// Whether an object without this member does not fit the contract.
    pub(super) fn requires(&self, name: &str) -> bool {
        self.required.contains(name)
    }

    /// Why a member is always taken out, if it is one that clients are known to send in vain.
    pub fn stray(&self, name: &str) -> Option<&str> {
        self.strays.get(name).map(|reason| &**reason)
    }

    /// The members that have an effect under a condition only.
    pub(super) fn conditional(&self) -> impl Iterator<Item = (&str, &Member, &EffectiveWhen)> {
        self.conditional.iter().filter_map(|number| {
            let member = self.members.get(*number)?;
            let name = self.names.name(*number)?;
            Some((name, member, member.effective_when.as_ref()?))
        })
    }

    /// Every field from here down, with `*` for array items, in the schema's order.
    pub fn fields(&self) -> Vec<Field> {
        let mut fields = Vec::new();
        self.list("", &mut fields);
        fields
    }

    /// The member that a JSON Pointer leads to; an index leads to the items of its array.
    pub(super) fn at(&self, path: &str) -> Option<&Member> {
        let tokens = pointer::tokens(path).ok()?;
        let mut shape = Some(self);
        let mut found = None;
        for token in tokens {
            let in_array = found.is_some_and(|member: &Member| member.kind == FieldType::Array);
            if in_array && token.bytes().all(|b| b.is_ascii_digit()) {
                continue;
            }
            let member = shape?.member(&token)?;
            shape = member.child.as_deref();
            found = Some(member);
        }
        found
    }

    fn list(&self, parent: &str, fields: &mut Vec<Field>) {
        for (name, member) in self.members() {
            let mut at = parent.to_owned();
            pointer::push(&mut at, name);
            let scalar_items = member.item.filter(|kind| *kind != FieldType::Object);
            // A range or a list of values on an array is about its items.
            let own = member.kind != FieldType::Array;
            let field = |pointer: String, kind, own: bool| {
                let bare = Field::new(pointer, kind);
                if own {
                    Field {
                        minimum: member.minimum,
                        maximum: member.maximum,
                        allowed: member.allowed.to_vec(),
                        max_length: member
                            .max_length
                            .and_then(|most| usize::try_from(most).ok()),
                        ..bare
                    }
                } else {
                    bare
                }
            };
            fields.push(Field {
                default: member.default.clone(),
                max_items: member.max_items,
                required: self.requires(name),
                ..field(at.clone(), member.kind, own)
            });
            if member.kind == FieldType::Array {
                at.push_str("/*");
            }
            if let Some(kind) = scalar_items {
                fields.push(field(at.clone(), kind, true));
            }
            if let Some(child) = &member.child {
                child.list(&at, fields);
            }
        }
    }

    fn collect(
        &mut self,
        schemas: &Schemas,
        file: &str,
        reference: &str,
        depth: usize,
    ) -> Result<(), ContractError> {
        if depth > DEEPEST {
            return Err(ContractError::new(
                reference,
                "references go round in circles",
            ));
        }
        let (schema, file) = schemas.resolve(file, reference)?;
        if let Some(next) = text(schema, "$ref") {
            self.collect(schemas, file, next, depth + 1)?;
        }
        for (name, reason) in object(schema, "x-strip") {
            let reason = reason.as_str().unwrap_or_default();
            self.strays.insert(name.as_str().into(), reason.into());
        }
        let required = schema.get("required").and_then(Schema::as_array);
        for name in required.into_iter().flatten().filter_map(Schema::as_str) {
            self.required.insert(name.into());
        }
        for (name, schema) in object(schema, "properties") {
            let member = Member::compile(schemas, file, schema, depth + 1)
                .map_err(|error| error.within(name))?;
            self.insert(name, member);
        }
        Ok(())
    }

    fn insert(&mut self, name: &str, member: Member) {
        let number = self.names.put(name);
        if member.effective_when.is_some() {
            self.conditional.push(number);
        }
        self.folded.insert(fold(name).into(), name.into());
        match self.members.get_mut(number) {
            Some(known) => *known = member,
            None => self.members.push(member),
        }
    }

    fn compile_at(
        schemas: &Schemas,
        file: &str,
        reference: &str,
        depth: usize,
    ) -> Result<Arc<Self>, ContractError> {
        let mut shape = Self::default();
        shape.collect(schemas, file, reference, depth)?;
        Ok(Arc::new(shape))
    }
}

impl Member {
    fn compile(
        schemas: &Schemas,
        file: &str,
        schema: &Schema,
        depth: usize,
    ) -> Result<Self, ContractError> {
        let reference = text(schema, "$ref");
        let (target, target_file) = match reference {
            Some(reference) => schemas.resolve(file, reference)?,
            None => (schema, file),
        };
        // What stands beside a reference counts before what stands behind it.
        let said = |key: &str| schema.get(key).or_else(|| target.get(key));
        let kind =
            kind_of(target).ok_or_else(|| ContractError::new(file, "a member has no type"))?;
        let items = target.get("items");
        let item_reference = items.and_then(|items| text(items, "$ref"));
        let child = match (reference, item_reference) {
            (Some(reference), None) if kind == FieldType::Object => {
                Some(Shape::compile_at(schemas, file, reference, depth + 1)?)
            }
            (_, Some(reference)) => Some(Shape::compile_at(
                schemas,
                target_file,
                reference,
                depth + 1,
            )?),
            (_, None) => None,
        };
        let item = match (items, item_reference) {
            (Some(_), Some(_)) => Some(FieldType::Object),
            (Some(items), None) => kind_of(items),
            (None, _) => None,
        };
        let value_schema = items.unwrap_or(target);
        let normal_form = match said("x-normal-form").and_then(Schema::as_str) {
            Some(name) => Some(NormalForm::named(name).ok_or_else(|| {
                ContractError::new(file, format!("there is no normal form `{name}`"))
            })?),
            None => None,
        };
        Ok(Self {
            kind,
            item,
            child,
            normal_form,
            effective_when: said(EffectiveWhen::KEYWORD).and_then(EffectiveWhen::of_keyword),
            default: said("default").cloned().map(Value::from),
            minimum: value_schema.get("minimum").and_then(Schema::as_i64),
            maximum: value_schema.get("maximum").and_then(Schema::as_i64),
            max_length: value_schema.get("maxLength").and_then(Schema::as_u64),
            max_items: said("maxItems")
                .and_then(Schema::as_u64)
                .and_then(|most| usize::try_from(most).ok()),
            allowed: values_of(value_schema.get("enum")),
            immutable: said("x-immutable") == Some(&Schema::Bool(true)),
            told: ToldAs::of(&said).map_err(|what| ContractError::new(file, what))?,
            unit: said("x-unit").and_then(Schema::as_str).map(Into::into),
            expected: said("x-expected").and_then(Schema::as_str).map(Into::into),
            description: said("description")
                .and_then(Schema::as_str)
                .unwrap_or_default()
                .into(),
        })
    }
}

fn kind_of(schema: &Schema) -> Option<FieldType> {
    let name = text(schema, "type")?;
    [
        FieldType::Boolean,
        FieldType::Integer,
        FieldType::Number,
        FieldType::String,
        FieldType::Array,
        FieldType::Object,
    ]
    .into_iter()
    .find(|kind| kind.name() == name)
}

fn text<'a>(schema: &'a Schema, key: &str) -> Option<&'a str> {
    schema.get(key).and_then(Schema::as_str)
}

/// The values that a keyword lists.
fn values_of(list: Option<&Schema>) -> Box<[Value]> {
    let listed = list.and_then(Schema::as_array);
    listed
        .into_iter()
        .flatten()
        .cloned()
        .map(Value::from)
        .collect()
}

fn object<'a>(schema: &'a Schema, key: &str) -> impl Iterator<Item = (&'a String, &'a Schema)> {
    schema
        .get(key)
        .and_then(Schema::as_object)
        .into_iter()
        .flatten()
}

#[cfg(test)]
mod tests;
