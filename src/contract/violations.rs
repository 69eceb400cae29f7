//! The validate step: everything in which a body does not fit its operation's schema, one finding for each member, with the
//! member's own pointer, what would be right, what was there, and a sentence for a person.
//!
//! The schema's raw words never show, nor do values of sensitive members. A mask in place of such a value is a violation, too.
//!
//! ```
//! use meeting_gateway::contract::Contract;
//! use meeting_gateway::contract::strict_json::{Limits, parse};
//!
//! let contract = Contract::builtin().unwrap();
//! let body = contract.body(contract.operation("update_recurring_meeting").unwrap()).unwrap();
//! let text = br#"{"mediaTypes": "HDVideo", "length": 5000,
//!     "cycleParams": {"startDate": "2026-09-01", "endDate": "2026-09-30", "cycle": "Day"}}"#;
//! let mut document = parse(text, Limits::default()).unwrap();
//!
//! let (findings, omitted) = body.violations(&mut document, 10);
//! assert_eq!((findings.len(), omitted), (1, 0));
//! assert_eq!(findings[0].message, "`length` is 5000; it must be a whole number of minutes from 15 to 1440.");
//!
//! document.0.insert("length".into(), 60.into());
//! assert_eq!(body.violations(&mut document, 10), (vec![], 0));
//! ```

use std::collections::HashMap;
use std::mem;
use std::sync::Arc;

use jsonschema::{ValidationError, Validator};

use super::ContractError;
use super::fault::Fault;
use super::mask_as_value::Masks;
use super::schema::{Schemas, Validators};
use super::shape::Shape;
use super::typed_check::{TypedCheck, TypedChecks};
use crate::model::document::Document;
use crate::model::field::{Field, FieldType};
use crate::model::finding::Finding;
use crate::model::json::Value;
use crate::model::pointer;
use crate::model::sensitive::is_masked;

/// What the body of one operation must be.
#[derive(Debug)]
pub struct BodyContract {
    validator: Arc<Validator>,
    check: Option<Arc<TypedCheck>>,
    shape: Arc<Shape>,
}

impl BodyContract {
    pub(super) fn compile(
        schemas: &Schemas,
        validators: &mut Validators<'_>,
        checks: &mut TypedChecks<'_>,
        reference: &str,
    ) -> Result<Self, ContractError> {
        Ok(Self {
            validator: validators.at(reference)?,
            check: checks.at(reference),
            shape: Shape::compile(schemas, reference)?,
        })
    }

    /// The known members.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Every field, for the policy floor.
    pub fn fields(&self) -> Vec<Field> {
        self.shape.fields()
    }

    /// Whether nothing is to be done with a document: it fits, all its members are known and have an effect, and every text is spelt as it
    /// should be. Then [`strip`](super::unknown_members::strip), [`normalise`](super::normalise::normalise),
    /// [`ineffective`](super::ineffective::ineffective) and [`violations`](Self::violations) would leave it as it is and find nothing,
    /// whatever is configured. May say no where it is so, never yes where it is not.
    pub fn is_in_order(&self, document: &Document) -> bool {
        let check = self.check.as_ref();
        check.is_some_and(|check| check.members_are_in_order(&document.0))
    }

    /// What is wrong with a document, in its own order, at most `cap` findings, and how many more there are.
    ///
    /// A list that is too long is reported alone: its items are not looked at. The document is borrowed mutably because the
    /// validator wants it as a [`Value`]; it is the same afterwards.
    pub fn violations(&self, document: &mut Document, cap: usize) -> (Vec<Finding>, usize) {
        if self.certainly_fits(document) {
            return (Vec::new(), 0);
        }
        let masks = Masks::of(&document.0, cap);
        self.faults_of(document, masks, cap)
    }

    /// The same of a document out of a log that masks: nobody can say what is wrong with a value that is not known.
    pub fn violations_beside_masks(
        &self,
        document: &mut Document,
        cap: usize,
    ) -> (Vec<Finding>, usize) {
        if self.certainly_fits(document) {
            return (Vec::new(), 0);
        }
        self.faults_of(document, Masks::default(), cap)
    }

    #[cfg(test)]
    pub(super) const fn has_typed_check(&self) -> bool {
        self.check.is_some()
    }

    /// Whether there is nothing to look for. If not, the schema engine has the last word.
    fn certainly_fits(&self, document: &Document) -> bool {
        let check = self.check.as_ref();
        check.is_some_and(|check| check.members_pass(&document.0))
    }

    fn faults_of(
        &self,
        document: &mut Document,
        masks: Masks,
        cap: usize,
    ) -> (Vec<Finding>, usize) {
        // The engine takes values of its own kind.
        let instance = serde_json::Value::from(&document.0);
        if masks == Masks::default() && self.validator.is_valid(&instance) {
            return (Vec::new(), 0);
        }
        let root = Value::Object(mem::take(&mut document.0));
        let result = self.faults(&root, &instance, masks, cap);
        if let Value::Object(members) = root {
            document.0 = members;
        }
        result
    }

    fn faults(
        &self,
        root: &Value,
        instance: &serde_json::Value,
        masks: Masks,
        cap: usize,
    ) -> (Vec<Finding>, usize) {
        let mut faults = Vec::new();
        let mut unlisted = 0;
        too_long(root, &self.shape, "", &mut faults);
        if faults.is_empty() {
            faults = worst_of_each(self.validator.iter_errors(instance));
            // What a mask is in place of is not known, so nothing else can be wrong with it.
            faults.retain(|fault| !is_mask(root, fault.pointer()));
            faults.extend(masks.pointers.into_iter().map(Fault::mask));
            unlisted = masks.omitted;
        }
        let mut ordered: Vec<_> = faults
            .into_iter()
            .map(|fault| (position(root, fault.pointer()), fault))
            .collect();
        ordered.sort_by(|(a, x), (b, y)| a.cmp(b).then_with(|| x.pointer().cmp(y.pointer())));
        let omitted = ordered.len().saturating_sub(cap) + unlisted;
        let findings = ordered
            .into_iter()
            .take(cap)
            .map(|(_, fault)| fault.into_finding(&self.shape, root))
            .collect();
        (findings, omitted)
    }
}

/// Whether a mask stands at a place.
fn is_mask(root: &Value, path: &str) -> bool {
    let value = root.pointer(path);
    value.is_some_and(|value| is_masked(pointer::last(path), value))
}

/// One fault for each place: the one that explains the others.
fn worst_of_each<'e>(errors: impl Iterator<Item = ValidationError<'e>>) -> Vec<Fault> {
    let mut worst: HashMap<String, Fault> = HashMap::new();
    for error in errors {
        let fault = Fault::read(&error);
        match worst.get_mut(fault.pointer()) {
            Some(known) => known.merge(fault),
            None => {
                worst.insert(fault.pointer().to_owned(), fault);
            }
        }
    }
    worst.into_values().collect()
}

/// Lists with more items than allowed, outside other lists. Their items could make one fault each.
fn too_long(value: &Value, shape: &Shape, at: &str, found: &mut Vec<Fault>) {
    for (name, member) in shape.members() {
        let mut path = at.to_owned();
        let Some(value) = value.get(name) else {
            continue;
        };
        pointer::push(&mut path, name);
        match (member.kind, value, &member.child, member.max_items) {
            (FieldType::Array, Value::Array(items), _, Some(most)) if items.len() > most => {
                found.push(Fault::too_many_items(path, most));
            }
            (FieldType::Object, Value::Object(_), Some(child), _) => {
                too_long(value, child, &path, found);
            }
            _ => {}
        }
    }
}

/// Where a pointer leads to in the document's own order; what is missing comes after its siblings.
fn position(root: &Value, path: &str) -> Vec<usize> {
    let mut value = Some(root);
    let step = |token: String| {
        let (at, next) = match value {
            Some(Value::Object(members)) => (
                members.keys().position(|name| *name == token),
                members.get(&token),
            ),
            Some(Value::Array(items)) => {
                let index = token.parse::<usize>().ok();
                (index, index.and_then(|index| items.get(index)))
            }
            _ => (None, None),
        };
        value = next;
        at.unwrap_or(usize::MAX)
    };
    pointer::tokens(path)
        .unwrap_or_default()
        .into_iter()
        .map(step)
        .collect()
}

#[cfg(test)]
mod tests;
