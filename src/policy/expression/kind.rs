//! The types of expressions.

use std::fmt;

use super::environment::ShapeId;
use crate::model::field::FieldType;

/// A type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// Of something that is reported as a mistake already, so that nothing more is said of it.
    Unknown,
    /// Only known when it is evaluated.
    Dyn,
    Bool,
    Int,
    Double,
    Text,
    Null,
    Timestamp,
    Duration,
    Ip,
    Cidr,
    List(Box<Self>),
    /// An object of the body.
    Object(ShapeId),
    Caller,
    Claims,
    Query,
    Headers,
}

impl Kind {
    /// The type of a field that is no list and no object.
    pub(super) const fn scalar(kind: FieldType) -> Option<Self> {
        match kind {
            FieldType::Boolean => Some(Self::Bool),
            FieldType::Integer => Some(Self::Int),
            // Written `2` it is an int, written `2.5` a double.
            FieldType::Number => Some(Self::Dyn),
            FieldType::String => Some(Self::Text),
            FieldType::Array | FieldType::Object => None,
        }
    }

    pub(super) fn list_of(item: Self) -> Self {
        Self::List(Box::new(item))
    }

    /// Whether it is not known yet: then every operation is accepted.
    pub(super) const fn open(&self) -> bool {
        matches!(self, Self::Unknown | Self::Dyn)
    }

    pub(super) const fn numeric(&self) -> bool {
        matches!(self, Self::Int | Self::Double)
    }

    /// Whether values of it stand for themselves and can be kept in lists.
    pub(super) const fn is_value(&self) -> bool {
        !matches!(
            self,
            Self::Caller | Self::Claims | Self::Query | Self::Headers
        )
    }

    /// Whether values of both can be equal.
    pub(super) fn comparable(&self, other: &Self) -> bool {
        match (self, other) {
            (left, right) if left.open() || right.open() => true,
            (left, right) if left.numeric() && right.numeric() => true,
            (Self::List(left), Self::List(right)) => left.comparable(right),
            (Self::Object(_), _) | (_, Self::Object(_)) => false,
            (left, right) => left == right && left.is_value(),
        }
    }

    /// Whether values of both have an order.
    pub(super) fn ordered(&self, other: &Self) -> bool {
        let has_order = |kind: &Self| {
            kind.open()
                || matches!(
                    kind,
                    Self::Bool
                        | Self::Int
                        | Self::Double
                        | Self::Text
                        | Self::Timestamp
                        | Self::Duration
                )
        };
        has_order(self) && has_order(other) && self.comparable(other)
    }

    /// The type that holds values of both, if there is one.
    pub(super) fn joined(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (left, right) if left == right => Some(left.clone()),
            (Self::Unknown, _) | (_, Self::Unknown) => Some(Self::Unknown),
            (Self::Dyn, kind) | (kind, Self::Dyn) => kind.is_value().then_some(Self::Dyn),
            (Self::List(left), Self::List(right)) => left.joined(right).map(Self::list_of),
            _ => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "unknown",
            Self::Dyn => "dyn",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Double => "double",
            Self::Text => "string",
            Self::Null => "null",
            Self::Timestamp => "timestamp",
            Self::Duration => "duration",
            Self::Ip => "ip",
            Self::Cidr => "cidr",
            Self::List(item) if item.open() => "a list",
            Self::List(item) => return write!(f, "list({item})"),
            Self::Object(_) | Self::Caller => "an object",
            Self::Claims | Self::Query | Self::Headers => "a map",
        })
    }
}
