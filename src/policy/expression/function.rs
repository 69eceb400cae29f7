//! The functions of expressions as one table: what checks, evaluates and documents them reads it from here.

use super::bounds::Size;
use super::budget::Budget;
use super::failure::Failure;
use super::kind::Kind;
use super::value::Value;

mod size;
mod text;
mod convert;
mod time;
pub(super) mod calendar;
mod mail;
mod phone;
mod address;

pub(super) use calendar::Part;

/// Computes the result; the receiver is the first argument.
pub(super) type Run = for<'v> fn(&[Value<'v>], &mut Budget) -> Result<Value<'v>, Failure>;
/// The steps that a call takes, by the lengths of its arguments.
pub(super) type Steps = fn(&[u64]) -> u64;

/// One function, or one of several of its name.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) name: &'static str,
    /// What it is called on, if it is called like `x.name()`.
    pub(super) receiver: Option<Sort>,
    pub(super) parameters: &'static [Sort],
    pub(super) result: Sort,
    /// What the result is bounded by.
    pub(super) outcome: Outcome,
    pub(super) work: Work,
    /// One sentence.
    pub(super) doc: &'static str,
    /// An expression of type bool that uses it.
    pub(super) example: &'static str,
}

/// How a function works.
#[derive(Debug, Clone, Copy)]
pub(super) enum Work {
    Plain(Run, Steps),
    /// Matches a regular expression, which must be written out.
    Pattern,
    /// Looks at a time in a zone, UTC where none is given.
    Calendar(Part),
}

/// What is known of a result.
#[derive(Debug, Clone, Copy)]
pub(super) enum Outcome {
    Any,
    /// The length of the first argument.
    Length,
    /// A whole number between two.
    Within(i64, i64),
    /// A text or list whose size follows from those of the arguments.
    Sized(fn(&[Size]) -> Size),
}

/// What an argument or result is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Bool,
    Int,
    Double,
    Text,
    Timestamp,
    Duration,
    Ip,
    Cidr,
    AnyList,
    Texts,
}

impl Sort {
    /// Whether a value of a type fits.
    pub(super) fn accepts(self, kind: &Kind) -> bool {
        kind.open()
            || match self {
                Self::AnyList => matches!(kind, Kind::List(_)),
                _ => *kind == self.kind(),
            }
    }

    pub(super) fn kind(self) -> Kind {
        match self {
            Self::Bool => Kind::Bool,
            Self::Int => Kind::Int,
            Self::Double => Kind::Double,
            Self::Text => Kind::Text,
            Self::Timestamp => Kind::Timestamp,
            Self::Duration => Kind::Duration,
            Self::Ip => Kind::Ip,
            Self::Cidr => Kind::Cidr,
            Self::AnyList => Kind::list_of(Kind::Dyn),
            Self::Texts => Kind::list_of(Kind::Text),
        }
    }
}

impl Function {
    /// All of them, in the order of the documentation.
    pub(super) fn all() -> impl Iterator<Item = &'static Self> {
        [
            size::FUNCTIONS,
            text::FUNCTIONS,
            mail::FUNCTIONS,
            phone::FUNCTIONS,
            convert::FUNCTIONS,
            time::FUNCTIONS,
            calendar::FUNCTIONS,
            address::FUNCTIONS,
        ]
        .into_iter()
        .flatten()
    }

    /// The types of everything that it takes, the receiver first.
    pub(super) fn takes(&self) -> impl Iterator<Item = Sort> {
        self.receiver
            .into_iter()
            .chain(self.parameters.iter().copied())
    }

    /// How it is called, such as `string.contains(string) -> bool`.
    pub(super) fn signature(&self) -> String {
        let parameters: Vec<String> = self
            .parameters
            .iter()
            .map(|sort| sort.kind().to_string())
            .collect();
        let receiver = self.receiver.map_or_else(String::new, |sort| match sort {
            Sort::AnyList => "list.".to_owned(),
            _ => format!("{}.", sort.kind()),
        });
        format!(
            "{receiver}{}({}) -> {}",
            self.name,
            parameters.join(", ").replace("a list", "list"),
            self.result.kind()
        )
    }
}

/// One step, whatever the arguments are.
const fn one_step(_: &[u64]) -> u64 {
    1
}

/// The steps of looking at the first argument, a text.
fn along_first(lengths: &[u64]) -> u64 {
    super::limits::text_steps(lengths.first().copied().unwrap_or_default())
}

fn argument<'a, 'v>(arguments: &'a [Value<'v>], index: usize) -> Result<&'a Value<'v>, Failure> {
    arguments.get(index).ok_or(Failure::OutOfRange)
}

fn text_of<'a>(arguments: &'a [Value<'_>], index: usize) -> Result<&'a str, Failure> {
    argument(arguments, index)?.as_text()
}
