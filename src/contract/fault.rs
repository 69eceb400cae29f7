//! One failed keyword of a schema, and the finding that is made of it.

use std::borrow::Cow;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;

use super::dates::{NOT_BEFORE, WITHIN_A_YEAR};
use super::mask_as_value::MASK_KEYWORD;
use super::shape::{Member, Shape};
use super::shown::{got, kind};
use super::wording::{Bounds, Right, dotted, either, right};
use crate::model::change::of_path;
use crate::model::field::FieldType;
use crate::model::finding::{Finding, Location, Mode};
use crate::model::json::Value;
use crate::model::pointer;
use crate::model::sensitive::{MASK, Sensitivity, of_listed};

/// What is wrong at one place.
#[derive(Debug)]
pub(super) struct Fault {
    pointer: String,
    keyword: Cow<'static, str>,
    what: What,
}

/// In the order in which one explains another at the same place: a wrong type before a wrong value before a wrong size.
#[derive(Debug)]
enum What {
    Missing,
    Type,
    NotOneOf(Vec<Value>),
    Form,
    Bounds(Bounds),
    Length,
    Items(Right),
    Before,
    TooLate,
    Mask,
}

impl What {
    const fn rank(&self) -> u8 {
        match self {
            Self::Missing | Self::Type | Self::Mask => 0,
            Self::NotOneOf(_) => 1,
            Self::Form => 2,
            Self::Bounds(_) => 3,
            Self::Length | Self::Items(_) => 4,
            Self::Before | Self::TooLate => 5,
        }
    }
}

impl Fault {
    /// Reads the validator's word.
    pub(super) fn read(error: &ValidationError<'_>) -> Self {
        let mut pointer = error.instance_path().as_str().to_owned();
        let bounds = |minimum: Option<&serde_json::Value>, maximum: Option<&serde_json::Value>| {
            What::Bounds(Bounds {
                minimum: minimum.and_then(serde_json::Value::as_i64),
                maximum: maximum.and_then(serde_json::Value::as_i64),
            })
        };
        let what = match error.kind() {
            Kind::Required { property } => {
                pointer::push(&mut pointer, property.as_str().unwrap_or_default());
                What::Missing
            }
            Kind::Custom { keyword, message } => {
                pointer::push(&mut pointer, message);
                if keyword == NOT_BEFORE {
                    What::Before
                } else {
                    What::TooLate
                }
            }
            Kind::Type { .. } => What::Type,
            Kind::Enum { options } => {
                let options = options.as_array().into_iter().flatten();
                What::NotOneOf(options.cloned().map(Value::from).collect())
            }
            Kind::Constant { expected_value } => {
                What::NotOneOf(vec![(**expected_value).clone().into()])
            }
            Kind::Minimum { limit } => bounds(Some(limit), None),
            Kind::Maximum { limit } => bounds(None, Some(limit)),
            Kind::MaxLength { .. } => What::Length,
            Kind::MaxItems { limit } => What::Items(at_most(*limit)),
            Kind::MinItems { limit } => What::Items(at_least(*limit)),
            _ => What::Form,
        };
        let keyword = match what {
            What::Before => NOT_BEFORE.into(),
            What::TooLate => WITHIN_A_YEAR.into(),
            _ => error.kind().keyword().to_owned().into(),
        };
        Self {
            pointer,
            keyword,
            what,
        }
    }

    /// A list with too many items.
    pub(super) fn too_many_items(pointer: String, most: usize) -> Self {
        Self {
            pointer,
            keyword: "maxItems".into(),
            what: What::Items(at_most(u64::try_from(most).unwrap_or(u64::MAX))),
        }
    }

    /// A mask in place of a value.
    pub(super) fn mask(pointer: String) -> Self {
        Self {
            pointer,
            keyword: MASK_KEYWORD.into(),
            what: What::Mask,
        }
    }

    /// Where it is.
    pub(super) fn pointer(&self) -> &str {
        &self.pointer
    }

    /// Takes another fault of the same place in: the one that explains more stays, and the narrower bounds or list.
    pub(super) fn merge(&mut self, other: Self) {
        match (&mut self.what, &other.what) {
            (What::Bounds(own), What::Bounds(others)) => {
                own.minimum = own.minimum.max(others.minimum);
                own.maximum = match (own.maximum, others.maximum) {
                    (Some(a), Some(b)) => Some(a.min(b)),
                    (a, b) => a.or(b),
                };
            }
            (What::NotOneOf(own), What::NotOneOf(others)) => {
                if others.len() < own.len() {
                    *self = other;
                }
            }
            (own, others) => {
                if others.rank() < own.rank() {
                    *self = other;
                }
            }
        }
    }

    /// The finding, in words.
    pub(super) fn into_finding(self, shape: &Shape, root: &Value) -> Finding {
        let value = root.pointer(&self.pointer);
        let member = shape.at(&self.pointer);
        self.finding(Location::Body, member, value)
    }

    /// The finding about a parameter, which the pointer names.
    pub(super) fn into_parameter_finding(
        mut self,
        name: &str,
        member: &Member,
        value: Option<&Value>,
    ) -> Finding {
        name.clone_into(&mut self.pointer);
        self.finding(Location::Query, Some(member), value)
    }

    fn finding(
        self,
        location: Location,
        member: Option<&Member>,
        value: Option<&Value>,
    ) -> Finding {
        let of_item =
            self.pointer.rsplit('/').next().is_some_and(|token| {
                !token.is_empty() && token.bytes().all(|b| b.is_ascii_digit())
            });
        let name = match location {
            Location::Body => dotted(&self.pointer),
            Location::Query | Location::Header | Location::Answer => self.pointer.clone(),
        };
        let description = member.map_or("", |member| &*member.description);
        let (right, explained) = self.right(member, of_item);
        let wants_members = member.is_some_and(|member| {
            member.kind == FieldType::Object || (of_item && member.item == Some(FieldType::Object))
        });
        let got = value.map(|value| {
            if wants_members {
                // Whatever stands there may hold what its members should have held, sensitive ones included.
                kind(value).to_owned()
            } else {
                got(&self.pointer, value)
            }
        });
        let shown = got
            .as_ref()
            .filter(|_| of_path(&self.pointer) == Sensitivity::Public);
        let mut message = match (&self.what, shown) {
            (What::Missing, _) => format!("`{name}` is missing."),
            (What::Mask, _) => mask_told(&name, of_listed(pointer::last(&self.pointer))),
            (What::Length | What::Items(_), _) | (_, None) => {
                format!("`{name}` must be {}.", right.phrase)
            }
            (_, Some(got)) => format!("`{name}` is {got}; it must be {}.", right.phrase),
        };
        if explained && !description.is_empty() {
            message.push(' ');
            message.push_str(description);
        }
        Finding {
            location,
            keyword: self.keyword,
            pointer: self.pointer,
            rule: None,
            expected: Some(right.short),
            got,
            message,
            mode: Mode::Enforce,
            exemption: None,
        }
    }

    /// What would be right, and whether the member's description helps to see why.
    fn right(&self, member: Option<&Member>, of_item: bool) -> (Right, bool) {
        let general = |bounds| match member {
            Some(member) => right(member, of_item, bounds),
            None => plain("another value"),
        };
        match &self.what {
            What::Missing => (general(Bounds::default()), true),
            What::Type | What::Form | What::Length => (general(Bounds::default()), false),
            What::NotOneOf(values) => (plain(&either(values)), true),
            What::Bounds(bounds) => {
                let narrower = member.is_some_and(|member| {
                    bounds
                        .maximum
                        .is_some_and(|most| member.maximum > Some(most))
                        || bounds
                            .minimum
                            .is_some_and(|least| member.minimum < Some(least))
                });
                (general(*bounds), narrower)
            }
            What::Items(right) => (right.clone(), false),
            What::Before => (plain("on or after `startDate`"), false),
            What::TooLate => (plain("at most one year after `startDate`"), false),
            What::Mask => (plain("the value, or no such member"), false),
        }
    }
}

/// The sentence about a mask, with the scope in which its value is to be had.
fn mask_told(name: &str, sensitivity: Sensitivity) -> String {
    let remedy = sensitivity.scope().map_or_else(String::new, |scope| {
        format!(", or ask for the scope `{scope}` to see the value")
    });
    format!(
        "`{name}` is `{MASK}`, which is what the gateway shows instead of a value. Leave the member out{remedy}."
    )
}

fn plain(text: &str) -> Right {
    Right {
        short: text.to_owned(),
        phrase: text.to_owned(),
    }
}

fn at_most(items: u64) -> Right {
    plain(&format!("a list of at most {items} items"))
}

fn at_least(items: u64) -> Right {
    let noun = if items == 1 { "item" } else { "items" };
    plain(&format!("a list of at least {items} {noun}"))
}
