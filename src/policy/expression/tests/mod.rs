//! Tests of expressions. The fields are a part of the documented API, written as the contract hands them over.

use super::{Budget, Constant, Environment, Expression, Failure, Mistake};
use crate::model::document::Document;
use crate::model::field::{Field, FieldType};
use crate::model::json::{Value, json};
use crate::policy::Facts;
use crate::policy::fixture::{UPDATE_SERIES, caller};

mod values;
mod surroundings;
mod functions;
mod grammar;
mod mistakes;
mod presence;
mod ranges;
mod cost;
mod oracle;
mod hostile;

const OPERATIONS: &[&str] = &[
    "create_meeting",
    "update_recurring_meeting",
    "cancel_meeting",
];

fn integer(pointer: &str, low: i64, high: i64, default: Option<i64>) -> Field {
    Field {
        minimum: Some(low),
        maximum: Some(high),
        default: default.map(Value::from),
        ..Field::new(pointer, FieldType::Integer)
    }
}

fn choice(pointer: &str, allowed: &Value, default: Option<Value>) -> Field {
    let allowed = allowed.as_array().unwrap().clone();
    let kind = if allowed[0].is_string() {
        FieldType::String
    } else {
        FieldType::Integer
    };
    Field {
        default,
        allowed,
        ..Field::new(pointer, kind)
    }
}

fn text(pointer: &str, most: usize) -> Field {
    Field {
        max_length: Some(most),
        ..Field::new(pointer, FieldType::String)
    }
}

fn list(pointer: &str, most: Option<usize>) -> Field {
    Field {
        max_items: most,
        ..Field::new(pointer, FieldType::Array)
    }
}

fn required(field: Field) -> Field {
    Field {
        required: true,
        ..field
    }
}

fn fields() -> Vec<Field> {
    use FieldType::{Boolean, Object, String};
    vec![
        Field::new("/startTime", String),
        integer("/length", 15, 1440, Some(30)),
        text("/subject", 128),
        required(text("/mediaTypes", 128)),
        list("/attendees", Some(10_000)),
        text("/attendees/*/email", 255),
        text("/attendees/*/phone", 127),
        choice("/attendees/*/role", &json!([0, 1]), Some(json!(0))),
        choice("/attendees/*/type", &json!(["normal", "terminal"]), None),
        Field::new("/cycleParams", Object),
        required(Field::new("/cycleParams/startDate", String)),
        required(Field::new("/cycleParams/endDate", String)),
        required(choice(
            "/cycleParams/cycle",
            &json!(["Day", "Week", "Month"]),
            None,
        )),
        list("/cycleParams/point", Some(31)),
        integer("/cycleParams/point/*", 0, 31, None),
        choice("/encryptMode", &json!([0, 1, 2]), None),
        choice(
            "/language",
            &json!(["zh-CN", "en-US"]),
            Some(json!("zh-CN")),
        ),
        Field::new("/timeZoneID", String),
        Field::new("/confConfigInfo", Object),
        Field::new("/confConfigInfo/isAutoMute", Boolean),
        integer("/confConfigInfo/prolongLength", 0, 60, None),
        Field {
            default: Some(json!(false)),
            ..Field::new("/supportSimultaneousInterpretation", Boolean)
        },
    ]
}

fn compile_in(operation: &str, text: &str) -> Result<Expression, Vec<Mistake>> {
    Expression::compile(
        text,
        &Environment {
            operation,
            operations: OPERATIONS,
            fields: &fields(),
            parameters: &["conferenceID", "userUUID"],
        },
    )
}

fn compile(text: &str) -> Result<Expression, Vec<Mistake>> {
    compile_in("update_recurring_meeting", text)
}

#[track_caller]
fn compiled(text: &str) -> Expression {
    compile(text).unwrap_or_else(|mistakes| panic!("{text}\n{mistakes:#?}"))
}

/// The value of an expression on a body, where nothing else is known.
#[track_caller]
fn value(text: &str, body: &Value) -> Result<bool, Failure> {
    let caller = caller("app", &["sales"]);
    value_with(text, body, &Facts::of(&UPDATE_SERIES, &caller))
}

#[track_caller]
fn value_with(text: &str, body: &Value, facts: &Facts<'_>) -> Result<bool, Failure> {
    let document = Document(body.as_object().unwrap().clone());
    compiled(text).evaluate(facts, &document, &mut Budget::default())
}

/// Mistakes as `offset: what (hint)`.
#[track_caller]
fn mistakes(text: &str) -> Vec<String> {
    let Err(mistakes) = compile(text) else {
        panic!("{text} has no mistake")
    };
    mistakes
        .into_iter()
        .map(
            |Mistake {
                 offset, what, hint, ..
             }| match hint {
                Some(hint) => format!("{offset}: {what} ({hint})"),
                None => format!("{offset}: {what}"),
            },
        )
        .collect()
}

/// Holds texts against all their mistakes.
#[track_caller]
fn table(cases: &[(&str, &[&str])]) {
    let mut wrong = Vec::new();
    for (text, expected) in cases {
        let found = mistakes(text);
        if found != *expected {
            wrong.push(format!("{text}\n    {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
