//! What the tests of this room share.

use std::sync::{Arc, LazyLock};

use super::Contract;
use super::schema::Schemas;
use super::shape::Shape;
use crate::model::document::Document;
use crate::model::json::{Value, json};

/// The built-in contract.
pub(super) fn contract() -> &'static Contract {
    static CONTRACT: LazyLock<Contract> = LazyLock::new(|| Contract::builtin().unwrap());
    &CONTRACT
}

/// The shape of the body that changes a series.
pub(super) fn shape() -> Arc<Shape> {
    let schemas = Schemas::builtin().unwrap();
    Shape::compile(&schemas, "series-body.json").unwrap()
}

/// A document from a JSON object.
pub(super) fn document(value: Value) -> Document {
    match value {
        Value::Object(members) => Document(members),
        other => panic!("{other} is no object"),
    }
}

/// A body that fits.
pub(super) fn good() -> Value {
    json!({
        "mediaTypes": "HDVideo",
        "cycleParams": {"startDate": "2026-09-01", "endDate": "2026-09-30", "cycle": "Day"}
    })
}
