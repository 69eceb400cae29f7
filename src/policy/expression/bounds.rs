//! What is known of a value before it is there: the numbers or texts that it may be, and how long it may be. From the
//! contract's bounds alone it follows that some comparisons have one outcome only; such a comparison is a mistake.

use super::limits::UNBOUNDED;
use super::syntax::Operator;

mod integers;

pub(super) use integers::Integers;

/// What the contract's bounds alone say of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::policy) enum Constant {
    /// It is never true.
    Never,
    /// It is always true.
    Always,
    /// It depends on the request.
    Depends,
}

impl Constant {
    pub(super) const fn of(value: bool) -> Self {
        if value { Self::Always } else { Self::Never }
    }

    pub(super) const fn negated(self) -> Self {
        match self {
            Self::Never => Self::Always,
            Self::Always => Self::Never,
            Self::Depends => Self::Depends,
        }
    }
}

/// The values that something may have.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Domain {
    Any,
    Bool(Constant),
    Integers(Integers),
    /// One of these.
    Texts(Box<[Box<str>]>),
    /// This one.
    Double(f64),
}

/// How many characters a text, or items a list, may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) low: u64,
    /// `None` where nothing bounds it.
    pub(super) high: Option<u64>,
}

impl Size {
    pub(super) const ANY: Self = Self { low: 0, high: None };

    pub(super) const fn at_most(high: u64) -> Self {
        Self {
            low: 0,
            high: Some(high),
        }
    }

    pub(super) const fn exactly(size: u64) -> Self {
        Self {
            low: size,
            high: Some(size),
        }
    }

    /// What it counts in the estimate of steps.
    pub(super) fn counted(self) -> u64 {
        self.high.unwrap_or(UNBOUNDED)
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            low: self.low.saturating_add(other.low),
            high: self
                .high
                .zip(other.high)
                .map(|(left, right)| left.saturating_add(right)),
        }
    }

    pub(super) fn or(self, other: Self) -> Self {
        Self {
            low: self.low.min(other.low),
            high: self
                .high
                .zip(other.high)
                .map(|(left, right)| left.max(right)),
        }
    }

    /// The numbers that `size()` may give.
    pub(super) fn integers(self) -> Integers {
        let number = |size: u64| i64::try_from(size).unwrap_or(i64::MAX);
        Integers::between(number(self.low), self.high.map_or(i64::MAX, number))
    }

    const fn apart(self, other: Self) -> bool {
        const fn above(low: u64, high: Option<u64>) -> bool {
            matches!(high, Some(high) if high < low)
        }
        above(self.low, other.high) || above(other.low, self.high)
    }

    /// Of a short name, such as a region or a zone.
    pub(super) const fn label(_: &[Self]) -> Self {
        Self::at_most(64)
    }

    /// Of a number in words.
    pub(super) const fn number(_: &[Self]) -> Self {
        Self::at_most(340)
    }
}

/// All that is known of a value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bounds {
    pub(super) domain: Domain,
    pub(super) size: Size,
    /// Of the items, where it is a list.
    pub(super) item: Option<Box<Self>>,
    /// Whether it is an object that is certainly there. One that may be absent is still read as one without members.
    pub(super) there: bool,
}

impl Bounds {
    pub(super) const ANY: Self = Self {
        domain: Domain::Any,
        size: Size::ANY,
        item: None,
        there: false,
    };

    pub(super) const fn domain(domain: Domain) -> Self {
        Self {
            domain,
            size: Size::ANY,
            item: None,
            there: false,
        }
    }

    /// Of an object.
    pub(super) const fn object(there: bool) -> Self {
        Self { there, ..Self::ANY }
    }

    pub(super) const fn size(size: Size) -> Self {
        Self {
            domain: Domain::Any,
            size,
            item: None,
            there: false,
        }
    }

    pub(super) fn text(text: &str) -> Self {
        Self {
            domain: Domain::Texts([text.into()].into()),
            size: Size::exactly(text.chars().count() as u64),
            item: None,
            there: false,
        }
    }

    pub(super) fn item(&self) -> Self {
        self.item.as_deref().cloned().unwrap_or(Self::ANY)
    }

    /// What is known of something that is one or the other.
    pub(super) fn or(&self, other: &Self) -> Self {
        let domain = match (&self.domain, &other.domain) {
            (Domain::Integers(left), Domain::Integers(right)) => Domain::Integers(left.or(right)),
            (Domain::Texts(left), Domain::Texts(right)) => {
                Domain::Texts(left.iter().chain(right).cloned().collect())
            }
            (left, right) if left == right => left.clone(),
            _ => Domain::Any,
        };
        let item = match (&self.item, &other.item) {
            (Some(left), Some(right)) => Some(Box::new(left.or(right))),
            _ => None,
        };
        Self {
            domain,
            size: self.size.or(other.size),
            item,
            there: self.there && other.there,
        }
    }

    /// The outcome of a comparison, where it does not depend on anything.
    pub(super) fn outcome(&self, operator: Operator, other: &Self) -> Option<bool> {
        match operator {
            Operator::Equal => self.equal(other),
            Operator::NotEqual => self.equal(other).map(|equal| !equal),
            Operator::Less => self.less(other),
            Operator::GreaterEqual => self.less(other).map(|less| !less),
            Operator::Greater => other.less(self),
            Operator::LessEqual => other.less(self).map(|less| !less),
            _ => None,
        }
    }

    fn equal(&self, other: &Self) -> Option<bool> {
        match (&self.domain, &other.domain) {
            (Domain::Integers(left), Domain::Integers(right)) => left.equal(right),
            (Domain::Texts(left), Domain::Texts(right)) => {
                if !left.iter().any(|text| right.contains(text)) {
                    return Some(false);
                }
                (left.len() == 1 && right.len() == 1).then_some(true)
            }
            (Domain::Integers(integers), Domain::Double(number))
            | (Domain::Double(number), Domain::Integers(integers)) => integers.equal_to(*number),
            #[expect(clippy::float_cmp, reason = "both are written in the expression")]
            (Domain::Double(left), Domain::Double(right)) => Some(left == right),
            (Domain::Bool(left), Domain::Bool(right)) => {
                let known = *left != Constant::Depends && *right != Constant::Depends;
                known.then_some(left == right)
            }
            _ => self.size.apart(other.size).then_some(false),
        }
    }

    fn less(&self, other: &Self) -> Option<bool> {
        match (&self.domain, &other.domain) {
            (Domain::Integers(left), Domain::Integers(right)) => left.less(right),
            (Domain::Integers(left), Domain::Double(right)) => left.less_than(*right),
            (Domain::Double(left), Domain::Integers(right)) => right.more_than(*left),
            (Domain::Double(left), Domain::Double(right)) => Some(left < right),
            (Domain::Texts(left), Domain::Texts(right)) => match (&**left, &**right) {
                ([left], [right]) => Some(left < right),
                _ => None,
            },
            _ => None,
        }
    }

    /// In words, so that "may be ..." or "is ..." says it; `None` where there is nothing to say.
    pub(super) fn described(&self, operator: Operator, other: &Self) -> Option<String> {
        let listed = |values: Vec<String>| match &*values {
            [one] => format!("is {one}"),
            many => format!("may be {}", many.join(", ")),
        };
        match &self.domain {
            Domain::Integers(integers) => Some(match integers.values() {
                Some(values) => listed(values.iter().map(i64::to_string).collect()),
                None => integers.described(operator, &other.domain),
            }),
            Domain::Texts(texts) => Some(listed(
                texts.iter().map(|text| format!("{text:?}")).collect(),
            )),
            Domain::Any => self
                .size
                .high
                .filter(|_| self.size.apart(other.size))
                .map(|high| format!("has at most {high} characters")),
            Domain::Bool(_) | Domain::Double(_) => None,
        }
    }
}
