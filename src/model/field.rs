//! What the contract says about one field, in words that the policy floor can use without knowing the contract.

use crate::model::json::Value;

/// The JSON types a field may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldType {
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// A text.
    String,
    /// A list.
    Array,
    /// An object.
    Object,
}

impl FieldType {
    /// The JSON Schema spelling.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }

    /// Whether a value is of this type. A whole number written as `1.0` counts as an integer, as in JSON Schema.
    pub fn admits(self, value: &Value) -> bool {
        match self {
            Self::Boolean => value.is_boolean(),
            Self::Integer => {
                value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|n| n.fract() == 0.0)
            }
            Self::Number => value.is_number(),
            Self::String => value.is_string(),
            Self::Array => value.is_array(),
            Self::Object => value.is_object(),
        }
    }
}

/// One field of a request body. Array items are written `*`: `/attendees/*/role`.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// JSON Pointer with `*` for any array item.
    pub pointer: String,
    /// Its type.
    pub kind: FieldType,
    /// The documented value that holds where the field is absent, if the documentation states one.
    pub default: Option<Value>,
    /// Smallest integer allowed.
    pub minimum: Option<i64>,
    /// Largest integer allowed.
    pub maximum: Option<i64>,
    /// The only values allowed; empty where any is.
    pub allowed: Vec<Value>,
    /// Most characters of a text.
    pub max_length: Option<usize>,
    /// Most items of a list.
    pub max_items: Option<usize>,
    /// Whether the object around it always has it: what lacks it does not fit the contract.
    pub required: bool,
}

impl Field {
    /// A field of which nothing is known but its type.
    pub fn new(pointer: impl Into<String>, kind: FieldType) -> Self {
        Self {
            pointer: pointer.into(),
            kind,
            default: None,
            minimum: None,
            maximum: None,
            allowed: Vec::new(),
            max_length: None,
            max_items: None,
            required: false,
        }
    }
}
