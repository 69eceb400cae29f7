//! The registry of operations: every method and path that exists behind this gateway. What is not listed does not exist.
//!
//! It is data, `config/contract/operations.json`, one line for each operation, compiled into the program. Source: the official
//! SDK's operations of the same names, 199 of them, and the sign-in with an App ID, which the SDK does not count as one.

use std::sync::LazyLock;

use http::Method;
use http::header::HeaderName;
use serde::Deserialize;

use super::ContractError;
use crate::model::operation::{AnswerShape, BodyMedia, Family, Operation, Risk, TokenOperation};

const FILE: &str = "operations.json";
const TEXT: &str = include_str!("../../config/contract/operations.json");

/// Every known operation.
static REGISTRY: LazyLock<Result<Registry, ContractError>> = LazyLock::new(Registry::read);

/// The operations, and beside each what of it only this floor wants to know.
#[derive(Debug)]
pub(super) struct Registry {
    operations: Vec<Operation>,
    forms: Vec<Form>,
}

/// Where the contract of an operation stands.
#[derive(Debug)]
pub(super) struct Form {
    /// The query parameters that it must have.
    pub(super) required: Vec<&'static str>,
    /// The schema file of its body.
    pub(super) schema: Option<&'static str>,
}

/// An operation as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written<'a> {
    name: &'a str,
    method: &'a str,
    path: &'a str,
    family: &'a str,
    risk: Risk,
    #[serde(borrow, default)]
    query: Vec<&'a str>,
    #[serde(borrow, default)]
    required: Vec<&'a str>,
    #[serde(borrow, default)]
    headers: Vec<&'a str>,
    body: Option<&'a str>,
    #[serde(default)]
    media: BodyMedia,
    schema: Option<&'a str>,
    answer: Option<AnswerShape>,
}

/// The registry, read once for each process.
pub(super) fn registry() -> Result<&'static Registry, ContractError> {
    REGISTRY.as_ref().map_err(Clone::clone)
}

impl Registry {
    fn read() -> Result<Self, ContractError> {
        let fault = |what: String| ContractError::new(FILE, what);
        let written: Vec<Written<'static>> =
            serde_json::from_str(TEXT).map_err(|error| fault(error.to_string()))?;
        let mut registry = Self {
            operations: Vec::with_capacity(written.len()),
            forms: Vec::with_capacity(written.len()),
        };
        for (index, one) in written.into_iter().enumerate() {
            let wrong = |what: &str| fault(format!("{}: {what}", one.name));
            let headers = one.headers.iter().map(|name| name.parse());
            registry.operations.push(Operation {
                index,
                name: one.name,
                method: Method::from_bytes(one.method.as_bytes())
                    .map_err(|_| wrong("no method"))?,
                template: one.path,
                family: family(&one).ok_or_else(|| wrong("no family"))?,
                risk: one.risk,
                headers: headers
                    .collect::<Result<Vec<HeaderName>, _>>()
                    .map_err(|_| wrong("no header"))?,
                query: one.query,
                body: one.body,
                media: one.media,
                answer: one.answer.unwrap_or(AnswerShape::Unknown),
            });
            registry.forms.push(Form {
                required: one.required,
                schema: one.schema,
            });
        }
        Ok(registry)
    }

    /// Every known operation.
    pub(super) fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The operations that are held to a contract, each with where that stands.
    pub(super) fn governed(&self) -> impl Iterator<Item = (&Operation, &Form)> {
        let all = self.operations.iter().zip(&self.forms);
        all.filter(|(operation, _)| operation.family.is_governed())
    }
}

fn family(one: &Written<'_>) -> Option<Family> {
    let known = [
        Family::Scheduling,
        Family::SubMeeting,
        Family::Cancel,
        Family::Read,
        Family::Relayed,
    ];
    let token = || {
        Some(Family::Authentication(match one.name {
            "create_app_id_token" => TokenOperation::Create,
            "update_token" => TokenOperation::Update,
            "delete_token" => TokenOperation::Delete,
            "check_token" => TokenOperation::Validate,
            _ => return None,
        }))
    };
    known
        .into_iter()
        .find(|family| family.name() == one.family)
        .or_else(|| token().filter(|family| family.name() == one.family))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, HashSet};

    #[test]
    fn names_are_unique_snake_case_and_paths_canonical() {
        let mut names = HashSet::new();
        for operation in registry().unwrap().operations() {
            let Operation { name, template, .. } = operation;
            assert!(names.insert(name), "{name} twice");
            let snake_case = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
            assert!(name.bytes().all(snake_case), "{name}");
            assert!(
                template.starts_with('/') && !template.ends_with('/') && !template.contains("//"),
                "{template}"
            );
        }
        assert_eq!(names.len(), 200);
    }

    /// What a caller sends in a documented header goes upstream.
    #[test]
    fn no_documented_header_is_the_gateways_own_or_the_connections() {
        let never = [
            "authorization",
            "connection",
            "content-encoding",
            "content-length",
            "content-type",
            "cookie",
            "expect",
            "host",
            "keep-alive",
            "proxy-authorization",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "x-access-token",
            "x-api-key",
            "x-auth-token",
        ];
        for operation in registry().unwrap().operations() {
            for header in &operation.headers {
                assert!(!never.contains(&header.as_str()), "{}", operation.name);
            }
        }
    }

    #[test]
    fn families_have_the_operations_of_the_design() {
        let mut counted = BTreeMap::new();
        for operation in registry().unwrap().operations() {
            *counted.entry(operation.family.name()).or_insert(0) += 1;
        }
        let expected = [
            ("authentication", 4),
            ("cancel", 3),
            ("read", 9),
            ("relayed", 179),
            ("scheduling", 4),
            ("sub_meeting", 1),
        ];
        assert_eq!(counted.into_iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_is_governed_has_a_schema_exactly_where_it_has_a_body() {
        let registry = registry().unwrap();
        for (operation, form) in registry.operations.iter().zip(&registry.forms) {
            let governed = operation.family.is_governed();
            assert_eq!(
                form.schema.is_some(),
                governed && operation.body.is_some(),
                "{}",
                operation.name
            );
            let is_json = operation.media == BodyMedia::Json;
            assert!(is_json || operation.body.is_some(), "{}", operation.name);
            assert!(is_json || !governed, "{}", operation.name);
            for required in &form.required {
                assert!(operation.query.contains(required), "{}", operation.name);
            }
        }
    }
}
