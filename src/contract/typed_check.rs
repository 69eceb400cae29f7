//! The schemas of bodies and parameters as code: whether a value fits.
//!
//! It is compiled from the same files as the JSON Schema engine's validators, for speed: most bodies fit, and then the engine is
//! not asked. It says no, or is not there at all, whenever it is not sure: the engine then has the word, and it alone says what is
//! wrong. So it may be wrong in one way only: to pass what the engine would not; that it passes what the engine passes, and nothing
//! else, is a property test.
//!
//! A text that is a [mask](super::mask_as_value) does not pass anywhere: whether it may stand there is looked at more closely.
//!
//! The same walk tells whether a body is *in order*: it fits, and neither the strip nor the normalise step would change or find
//! anything in it. Then one look at each member is all that the contract costs.

use std::sync::Arc;

use super::dates::Distance;
use super::name_table::NameTable;
use super::normal_form::NormalForm;
use super::shape::EffectiveWhen;
use crate::model::civil_time;
use crate::model::json::{Number, Object, Value};
use crate::model::sensitive::MASK;

mod compile;
mod pattern;

pub(super) use compile::TypedChecks;
use pattern::Pattern;

/// What a value must be.
#[derive(Debug, Default)]
pub(super) struct TypedCheck {
    kinds: Kinds,
    /// The only values; each is a text or an integer.
    only: Option<Only>,
    minimum: Option<i64>,
    maximum: Option<i64>,
    max_length: Option<usize>,
    pattern: Option<Arc<Pattern>>,
    format: Option<Format>,
    /// How a text is spelt that is in order.
    form: Option<NormalForm>,
    items: Option<Box<Self>>,
    min_items: usize,
    max_items: Option<usize>,
    object: Option<Box<ObjectCheck>>,
    also: Vec<Self>,
}

/// Types, a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kinds(u8);

impl Kinds {
    const NULL: Self = Self(1);
    const BOOLEAN: Self = Self(2);
    /// Integers only: of other numbers the engine judges.
    const NUMBER: Self = Self(4);
    const TEXT: Self = Self(8);
    const ARRAY: Self = Self(16);
    const OBJECT: Self = Self(32);

    const fn take(self, kind: Self) -> bool {
        self.0 & kind.0 != 0
    }
}

impl Default for Kinds {
    fn default() -> Self {
        Self(u8::MAX)
    }
}

#[derive(Debug, Default)]
struct Only {
    texts: Box<[Box<str>]>,
    integers: Box<[i64]>,
}

#[derive(Debug, Clone, Copy)]
enum Format {
    CalendarDate,
    UtcMinutes,
}

/// What the members of an object must be.
#[derive(Debug, Default)]
struct ObjectCheck {
    names: NameTable,
    members: Vec<MemberCheck>,
    /// The numbers of those that the schema describes, a bit each; others are only named by `required` or a condition.
    described: u64,
    /// The numbers of those that must be there, a bit each.
    required: u64,
    /// What else must hold where a member calls for it.
    conditions: Vec<TypedCheck>,
    distances: Vec<Distance>,
    effects: Vec<Effect>,
}

/// A member that has an effect beside some values of another only.
#[derive(Debug)]
struct Effect {
    /// The number of the member.
    of: usize,
    when: EffectiveWhen,
    /// The value of the other where it is absent.
    default: Option<Value>,
}

#[derive(Debug, Default)]
struct MemberCheck {
    check: TypedCheck,
    /// Where the value fits, the condition of that number must hold.
    calls_for: Vec<(TypedCheck, usize)>,
}

/// Whether a value fits.
const FITS: bool = false;
/// Whether it fits and is in order.
const IN_ORDER: bool = true;

impl TypedCheck {
    /// Whether the members of an object are certainly as they must be.
    pub(super) fn members_pass(&self, members: &Object) -> bool {
        self.members::<FITS>(members)
    }

    /// Whether they are so, all of them known, spelt as they should be, and with an effect.
    pub(super) fn members_are_in_order(&self, members: &Object) -> bool {
        self.members::<IN_ORDER>(members)
    }

    /// Whether a text is certainly as it must be.
    pub(super) fn text_passes(&self, text: &str) -> bool {
        self.text::<FITS>(text)
    }

    fn members<const ASKED: bool>(&self, members: &Object) -> bool {
        self.kinds.take(Kinds::OBJECT)
            && self.only.is_none()
            && match &self.object {
                Some(object) => object.pass::<ASKED>(members),
                None if ASKED == IN_ORDER => members.is_empty(),
                None => !members.values().any(may_mask),
            }
            && self.also.iter().all(|also| also.members::<ASKED>(members))
    }

    fn text<const ASKED: bool>(&self, text: &str) -> bool {
        let is_only = |only: &Only| only.texts.iter().any(|one| **one == *text);
        let is_short = |most: usize| text.len() <= most || text.chars().count() <= most;
        self.kinds.take(Kinds::TEXT)
            && text != MASK
            && self.only.as_ref().is_none_or(is_only)
            && self.max_length.is_none_or(is_short)
            && self
                .pattern
                .as_ref()
                .is_none_or(|pattern| pattern.matches(text))
            && self.format.is_none_or(|format| format.is_of(text))
            && (ASKED == FITS || self.form.is_none_or(|form| form.is_of(text)))
            && self.also.iter().all(|also| also.text::<ASKED>(text))
    }

    fn value<const ASKED: bool>(&self, value: &Value) -> bool {
        match value {
            Value::Null => self.other(Kinds::NULL),
            Value::Bool(_) => self.other(Kinds::BOOLEAN),
            Value::Number(number) => self.number(number),
            Value::String(text) => self.text::<ASKED>(text),
            Value::Array(items) => self.items::<ASKED>(items),
            Value::Object(members) => self.members::<ASKED>(members),
        }
    }

    fn other(&self, kind: Kinds) -> bool {
        let also = || self.also.iter().all(|also| also.other(kind));
        self.kinds.take(kind) && self.only.is_none() && also()
    }

    fn number(&self, number: &Number) -> bool {
        // One that is no such integer is a fraction, or larger than any that is allowed: both are rare.
        let Some(integer) = number.as_i64() else {
            return false;
        };
        let is_only = |only: &Only| only.integers.contains(&integer);
        self.kinds.take(Kinds::NUMBER)
            && self.only.as_ref().is_none_or(is_only)
            && self.minimum.is_none_or(|least| integer >= least)
            && self.maximum.is_none_or(|most| integer <= most)
            && self.also.iter().all(|also| also.number(number))
    }

    fn items<const ASKED: bool>(&self, items: &[Value]) -> bool {
        self.kinds.take(Kinds::ARRAY)
            && self.only.is_none()
            && items.len() >= self.min_items
            && self.max_items.is_none_or(|most| items.len() <= most)
            && match &self.items {
                Some(check) => items.iter().all(|item| check.value::<ASKED>(item)),
                None => !items.iter().any(may_mask),
            }
            && self.also.iter().all(|also| also.items::<ASKED>(items))
    }
}

impl ObjectCheck {
    fn pass<const ASKED: bool>(&self, members: &Object) -> bool {
        let (mut seen, mut called) = (0_u64, 0_u64);
        for (name, value) in members {
            let number = self.names.find(name);
            let Some((number, member)) = number.and_then(|at| Some((at, self.members.get(at)?)))
            else {
                if ASKED == IN_ORDER || may_mask(value) {
                    return false;
                }
                continue;
            };
            if !member.check.value::<ASKED>(value) {
                return false;
            }
            seen |= bit(number);
            for (when, condition) in &member.calls_for {
                if when.value::<FITS>(value) {
                    called |= bit(*condition);
                }
            }
        }
        let mut conditions = self.conditions.iter().enumerate();
        let mut effects = self.effects.iter();
        seen & self.required == self.required
            && (ASKED == FITS
                || (seen & !self.described == 0
                    && effects.all(|effect| seen & bit(effect.of) == 0 || effect.is_had(members))))
            && conditions.all(|(number, condition)| {
                called & bit(number) == 0 || condition.members_pass(members)
            })
            && self
                .distances
                .iter()
                .all(|distance| distance.holds(|name| members.get(name)?.as_str()))
    }
}

impl Effect {
    fn is_had(&self, members: &Object) -> bool {
        let beside = members.get(&self.when.member).or(self.default.as_ref());
        beside.is_some_and(|value| self.when.values.contains(value))
    }
}

impl Format {
    fn is_of(self, text: &str) -> bool {
        match self {
            Self::CalendarDate => civil_time::day(text).is_some(),
            Self::UtcMinutes => text.is_empty() || civil_time::minute(text).is_some(),
        }
    }
}

/// The bit of a member or condition: there are at most [`compile::MOST`] of either.
const fn bit(number: usize) -> u64 {
    1 << (number % compile::MOST)
}

/// Whether a mask is anywhere in a value that nothing is known of.
fn may_mask(value: &Value) -> bool {
    match value {
        Value::String(text) => text == MASK,
        Value::Array(items) => items.iter().any(may_mask),
        Value::Object(members) => members.values().any(may_mask),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
