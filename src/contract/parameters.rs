//! What the query of an operation must be. Names and values come percent-decoded.
//!
//! Parameters that the contract does not know are not found here: the upstream's query is built from the known ones.

use std::sync::Arc;

use jsonschema::Validator;

use super::fault::Fault;
use super::operations::Form;
use super::schema::{Schemas, Validators};
use super::shape::Shape;
use super::typed_check::{TypedCheck, TypedChecks};
use super::{ContractError, deprecation};
use crate::model::finding::{Finding, Location, Mode};
use crate::model::json::Value;
use crate::model::operation::Operation;

/// Where parameters are defined, each once.
const FILE: &str = "query.json";

/// What the query of one operation must be.
#[derive(Debug)]
pub struct ParameterContract {
    shape: Shape,
    checks: Vec<Check>,
}

#[derive(Debug)]
struct Check {
    name: Box<str>,
    required: bool,
    validator: Arc<Validator>,
    typed: Option<Arc<TypedCheck>>,
}

impl ParameterContract {
    /// Compiles the query of an operation from the definitions of all parameters.
    pub(super) fn compile(
        schemas: &Schemas,
        validators: &mut Validators<'_>,
        typed: &mut TypedChecks<'_>,
        operation: &Operation,
        form: &Form,
    ) -> Result<Self, ContractError> {
        let mut shape = Shape::default();
        let mut checks = Vec::with_capacity(operation.query.len());
        for name in &operation.query {
            let reference = format!("{FILE}#/$defs/{name}");
            shape.add(schemas, name, &reference)?;
            checks.push(Check {
                name: (*name).into(),
                required: form.required.contains(name),
                validator: validators.at(&reference)?,
                typed: typed.at(&reference),
            });
        }
        Ok(Self { shape, checks })
    }

    /// The names of the known parameters that are not deprecated, and so go upstream.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let all = self.shape.members().map(|(name, _)| name);
        all.filter(|name| deprecation::find(Location::Query, name).is_none())
    }

    /// Whether a parameter must be there.
    pub fn requires(&self, name: &str) -> bool {
        let mut required = self.checks.iter().filter(|check| check.required);
        required.any(|check| &*check.name == name)
    }

    /// Whether the contract knows a parameter of exactly this name.
    pub fn knows(&self, name: &str) -> bool {
        self.shape.member(name).is_some()
    }

    /// What is wrong with the parameters, decoded names and values in the order sent. At most one finding for each known
    /// parameter.
    pub fn violations<N: AsRef<str>, V: AsRef<str>>(&self, query: &[(N, V)]) -> Vec<Finding> {
        self.checks
            .iter()
            .filter_map(|check| {
                let mut sent = query
                    .iter()
                    .filter(|(name, _)| name.as_ref() == &*check.name)
                    .map(|(_, value)| value.as_ref());
                match (sent.next(), sent.next()) {
                    (None, _) if check.required => Some(self.missing(&check.name)),
                    (None, _) => None,
                    (Some(_), Some(_)) => Some(repeated(&check.name)),
                    (Some(value), None) => self.wrong(check, value),
                }
            })
            .collect()
    }

    fn wrong(&self, check: &Check, value: &str) -> Option<Finding> {
        let typed = check.typed.as_ref();
        if typed.is_some_and(|typed| typed.text_passes(value)) {
            return None;
        }
        let instance = serde_json::Value::from(value);
        let error = check.validator.iter_errors(&instance).next()?;
        let value = Value::from(value);
        let member = self.shape.member(&check.name)?;
        Some(Fault::read(&error).into_parameter_finding(&check.name, member, Some(&value)))
    }

    fn missing(&self, name: &str) -> Finding {
        let member = self.shape.member(name);
        let description = member.map_or("", |member| &*member.description);
        Finding {
            expected: member.and_then(|member| member.expected.as_deref().map(str::to_owned)),
            message: format!("The query parameter `{name}` is missing. {description}"),
            ..finding(name, "required")
        }
    }
}

fn repeated(name: &str) -> Finding {
    Finding {
        message: format!("The query parameter `{name}` is sent more than once; send it once."),
        ..finding(name, "repeated")
    }
}

fn finding(name: &str, keyword: &'static str) -> Finding {
    Finding {
        location: Location::Query,
        pointer: name.to_owned(),
        keyword: keyword.into(),
        rule: None,
        expected: None,
        got: None,
        message: String::new(),
        mode: Mode::Enforce,
        exemption: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::test_support::contract;

    #[test]
    fn the_meeting_is_named_once_in_digits() {
        type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], Option<&'a str>);
        let contract = contract();
        let operation = contract.operation("update_recurring_meeting").unwrap();
        let parameters = contract.parameters(operation).unwrap();
        let digits_33 = "1".repeat(33);
        let cases: [Case<'_>; 8] = [
            ("good", &[("conferenceID", "914087436")], None),
            (
                "unknown beside it",
                &[("x", "y"), ("conferenceID", "1")],
                None,
            ),
            ("missing", &[], Some("required")),
            ("another case", &[("conferenceid", "1")], Some("required")),
            ("no digits", &[("conferenceID", "12x")], Some("pattern")),
            ("empty", &[("conferenceID", "")], Some("pattern")),
            ("too long", &[("conferenceID", &digits_33)], Some("pattern")),
            (
                "twice",
                &[("conferenceID", "1"), ("conferenceID", "1")],
                Some("repeated"),
            ),
        ];
        for (name, query, keyword) in cases {
            let findings = parameters.violations(query);
            let got = findings.first().map(|finding| &*finding.keyword);
            assert_eq!(got, keyword, "{name}");
            assert!(findings.len() <= 1, "{name}");
        }
        let finding = &parameters.violations(&[("conferenceID", "12x")])[0];
        assert_eq!(
            (
                finding.message.as_str(),
                finding.pointer.as_str(),
                finding.location
            ),
            (
                "`conferenceID` is \"12x\"; it must be 1 to 32 digits.",
                "conferenceID",
                Location::Query
            )
        );
        assert!(parameters.knows("conferenceID") && !parameters.knows("conferenceid"));
    }
}
