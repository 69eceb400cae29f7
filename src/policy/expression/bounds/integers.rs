//! Sets of whole numbers: a range, and within it perhaps the only values.

use std::cmp::Ordering;

use super::super::syntax::Operator;
use super::super::value::int_to_double;
use super::Domain;

/// Whole numbers from `low` to `high`, or some of them.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Integers {
    low: i64,
    high: i64,
    /// Sorted, each once; never empty.
    values: Option<Box<[i64]>>,
}

impl Integers {
    pub(in super::super) const ANY: Self = Self::between(i64::MIN, i64::MAX);

    pub(in super::super) const fn between(low: i64, high: i64) -> Self {
        Self {
            low,
            high,
            values: None,
        }
    }

    /// Only these; any if there are none.
    pub(in super::super) fn only(mut values: Vec<i64>) -> Self {
        values.sort_unstable();
        values.dedup();
        match (values.first(), values.last()) {
            (Some(low), Some(high)) => Self {
                low: *low,
                high: *high,
                values: Some(values.into()),
            },
            _ => Self::ANY,
        }
    }

    pub(in super::super) fn one(value: i64) -> Self {
        Self::only(vec![value])
    }

    pub(in super::super) fn values(&self) -> Option<&[i64]> {
        self.values.as_deref()
    }

    pub(in super::super) fn or(&self, other: &Self) -> Self {
        match (&self.values, &other.values) {
            (Some(left), Some(right)) => Self::only(left.iter().chain(right).copied().collect()),
            _ => Self::between(self.low.min(other.low), self.high.max(other.high)),
        }
    }

    fn may_be(&self, value: i64) -> bool {
        match &self.values {
            Some(values) => values.binary_search(&value).is_ok(),
            None => (self.low..=self.high).contains(&value),
        }
    }

    pub(super) fn equal(&self, other: &Self) -> Option<bool> {
        if self.low == self.high && other.low == other.high {
            return Some(self.low == other.low);
        }
        let meets = match (&self.values, &other.values) {
            (Some(values), _) => values.iter().any(|value| other.may_be(*value)),
            (_, Some(values)) => values.iter().any(|value| self.may_be(*value)),
            _ => self.low <= other.high && other.low <= self.high,
        };
        (!meets).then_some(false)
    }

    pub(super) const fn less(&self, other: &Self) -> Option<bool> {
        if self.high < other.low {
            Some(true)
        } else if self.low >= other.high {
            Some(false)
        } else {
            None
        }
    }

    pub(super) fn equal_to(&self, number: f64) -> Option<bool> {
        let beyond = int_to_double(self.low, number) == Some(Ordering::Greater)
            || int_to_double(self.high, number) == Some(Ordering::Less);
        (beyond || number.fract() != 0.0).then_some(false)
    }

    pub(super) fn less_than(&self, number: f64) -> Option<bool> {
        if int_to_double(self.high, number)? == Ordering::Less {
            return Some(true);
        }
        (int_to_double(self.low, number)? != Ordering::Less).then_some(false)
    }

    pub(super) fn more_than(&self, number: f64) -> Option<bool> {
        if int_to_double(self.low, number)? == Ordering::Greater {
            return Some(true);
        }
        (int_to_double(self.high, number)? != Ordering::Greater).then_some(false)
    }

    /// What arithmetic may make of two; results beyond 64 bits are failures and no values.
    pub(in super::super) fn combined(&self, operator: Operator, other: &Self) -> Self {
        let ends = |result: fn(i128, i128) -> i128| {
            let corners = [
                result(self.low.into(), other.low.into()),
                result(self.low.into(), other.high.into()),
                result(self.high.into(), other.low.into()),
                result(self.high.into(), other.high.into()),
            ];
            let low = corners.into_iter().min().unwrap_or(i128::MIN);
            let high = corners.into_iter().max().unwrap_or(i128::MAX);
            Self::between(saturated(low), saturated(high))
        };
        match operator {
            Operator::Plus => ends(|left, right| left + right),
            Operator::Minus => ends(|left, right| left - right),
            Operator::Times => ends(|left, right| left * right),
            Operator::Divide if other.low > 0 => ends(|left, right| left / right),
            Operator::Remainder if other.low > 0 => {
                let most = other.high.saturating_sub(1);
                Self::between(if self.low >= 0 { 0 } else { -most }, most)
            }
            _ => Self::ANY,
        }
    }

    /// The range in words, as far as it bears on a comparison.
    pub(super) fn described(&self, operator: Operator, other: &Domain) -> String {
        let above = match other {
            Domain::Integers(other) => match operator {
                Operator::Equal | Operator::NotEqual | Operator::In => other.low > self.high,
                _ => other.high >= self.high,
            },
            Domain::Double(number) => int_to_double(self.high, *number) != Some(Ordering::Greater),
            _ => false,
        };
        if self.low == self.high {
            format!("is {}", self.low)
        } else if matches!(other, Domain::Double(number) if number.fract() != 0.0 && operator == Operator::Equal)
        {
            "is a whole number".to_owned()
        } else if above {
            format!("is at most {}", self.high)
        } else {
            format!("is at least {}", self.low)
        }
    }
}

fn saturated(number: i128) -> i64 {
    i64::try_from(number).unwrap_or(if number < 0 { i64::MIN } else { i64::MAX })
}
