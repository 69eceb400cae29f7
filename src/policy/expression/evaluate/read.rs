//! Reads of the body, of claims, and of what else is known of a request.

use crate::model::json::Object;
use crate::model::json::Value as Json;
use jiff::{SignedDuration, Timestamp};

use super::super::failure::Failure;
use super::super::program::{Field, Op, Path, Root};
use super::super::reader::Reader;
use super::super::value::{List, Value};
use super::{Evaluated, Machine};

/// Claims have no type before they are there.
const DYN: &Reader = &Reader::Dyn;

impl<'v> Machine<'v, '_> {
    pub(super) fn field(&mut self, field: &'v Field) -> Evaluated<'v> {
        if field.path.is_empty() {
            return match field.root {
                Root::Body => Ok(Value::Object(Some(&self.document.0))),
                Root::Item(slot) => self.item(slot).cloned(),
                Root::Computed(object) => self.value(object),
            };
        }
        match self.json(field.root, &field.path)? {
            Some(json) => field.reader.read(json),
            None => match (&field.default, &field.reader) {
                (Some(default), _) => Ok(default.value()),
                (None, Reader::List(_)) => Ok(Value::List(List::EMPTY)),
                (None, Reader::Object) => Ok(Value::Object(None)),
                _ => Err(Failure::Absent),
            },
        }
    }

    /// Operations that only look something up.
    pub(super) fn known(&mut self, op: &'v Op) -> Evaluated<'v> {
        let caller = self.facts.caller;
        match op {
            Op::HasField(root, path) => self.has(*root, path).map(Value::Bool),
            Op::CallerId => Ok(Value::text(&caller.id)),
            Op::Groups => Ok(Value::List(List::Names(&caller.groups))),
            Op::Scopes => Ok(Value::List(List::Names(&caller.scopes))),
            Op::Address => {
                let address = self.facts.address.ok_or(Failure::Absent)?;
                Ok(Value::Ip(address.to_canonical()))
            }
            Op::HasAddress => Ok(Value::Bool(self.facts.address.is_some())),
            Op::Now => SignedDuration::try_from(self.facts.now)
                .ok()
                .and_then(|now| Timestamp::from_duration(now).ok())
                .map(Value::Timestamp)
                .ok_or(Failure::Overflow),
            Op::Header(index) => {
                let value = self.facts.headers.at(*index);
                value.map(Value::text).ok_or(Failure::Absent)
            }
            Op::HasHeader(index) => Ok(Value::Bool(self.facts.headers.at(*index).is_some())),
            Op::Parameter(name) => {
                let value = self.parameter(name)?;
                value.map(Value::text).ok_or(Failure::Absent)
            }
            Op::HasParameter(name) => {
                let name = self.value(*name)?;
                let found = self.parameter(name.as_text()?)?;
                Ok(Value::Bool(found.is_some()))
            }
            Op::Claim(path) => DYN.read(self.claim(path).ok_or(Failure::Absent)?),
            Op::HasClaim(path) => Ok(Value::Bool(self.claim(path).is_some())),
            Op::ClaimNamed(name) => {
                let name = self.value(*name)?;
                let claim = caller.claims.get(name.as_text()?);
                DYN.read(claim.ok_or(Failure::Absent)?)
            }
            Op::HasClaimNamed(name) => {
                let name = self.value(*name)?;
                let claim = caller.claims.get(name.as_text()?);
                Ok(Value::Bool(claim.is_some_and(|claim| !claim.is_null())))
            }
            Op::Member(object, path) => {
                let object = self.value(*object)?;
                let found = members(&object)?.and_then(|members| inner(members, path));
                DYN.read(found.ok_or(Failure::Absent)?)
            }
            Op::HasMember(object, path) => {
                let found = match known_absent(self.value(*object))? {
                    None | Some(Value::Null) => None,
                    Some(object) => members(&object)?.and_then(|members| inner(members, path)),
                };
                Ok(Value::Bool(found.is_some_and(|value| !value.is_null())))
            }
            _ => Err(Failure::Absent),
        }
    }

    fn parameter(&mut self, name: &str) -> Result<Option<&'v str>, Failure> {
        self.budget.spend(self.facts.query.len() as u64)?;
        let found = self.facts.query.iter().find(|(known, _)| &**known == name);
        Ok(found.map(|(_, value)| &**value))
    }

    fn claim(&self, path: &Path) -> Option<&'v Json> {
        inner(&self.facts.caller.claims, path).filter(|claim| !claim.is_null())
    }
}

/// What `has` looks into: it is no failure that the object is not there, as in `has(list[0].member)` of an empty list.
pub(super) fn known_absent<T>(found: Result<T, Failure>) -> Result<Option<T>, Failure> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(Failure::Absent | Failure::OutOfRange) => Ok(None),
        Err(failure) => Err(failure),
    }
}

fn inner<'v>(members: &'v Object, path: &Path) -> Option<&'v Json> {
    let (first, rest) = path.split_first()?;
    rest.iter()
        .try_fold(members.get(first)?, |value, name| value.get(name))
}

/// The members of an object; an absent one has none.
pub(super) fn members<'v>(value: &Value<'v>) -> Result<Option<&'v Object>, Failure> {
    match value {
        Value::Object(members) => Ok(*members),
        _ => Err(Failure::NotOfType("object")),
    }
}

/// The item of a list, or the member of an object.
pub(super) fn at<'v>(list: &Value<'v>, index: &Value<'v>) -> Evaluated<'v> {
    match (list, index) {
        (Value::List(list), Value::Int(index)) => {
            list.get(usize::try_from(*index).map_err(|_| Failure::OutOfRange)?)
        }
        (Value::Object(members), Value::Text(name)) => {
            let found = members.and_then(|members| members.get(name));
            DYN.read(found.ok_or(Failure::Absent)?)
        }
        (Value::List(_), _) => Err(Failure::NotOfType("int")),
        (Value::Object(_), _) => Err(Failure::NotOfType("string")),
        _ => Err(Failure::NotOfType("list")),
    }
}
