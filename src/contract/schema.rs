//! The schema files of `config/contract`, compiled into the program: reading them, following their references, compiling
//! validators. Nothing is ever fetched.

use std::sync::Arc;

use foldhash::HashMap;
use jsonschema::{PatternOptions, ReferencingError, Registry, Validator};
use serde_json::{Value, json};

use super::{ContractError, dates};

/// What all `$id`s begin with. The host cannot exist (RFC 2606, section 2), so nobody can be asked for them.
const BASE: &str = "https://meeting-gateway.invalid/contract/";

/// The schema files, by name.
const FILES: [(&str, &str); 9] = [
    (
        "scheduling-body.json",
        include_str!("../../config/contract/scheduling-body.json"),
    ),
    (
        "series-body.json",
        include_str!("../../config/contract/series-body.json"),
    ),
    (
        "attendee.json",
        include_str!("../../config/contract/attendee.json"),
    ),
    (
        "cycle-params.json",
        include_str!("../../config/contract/cycle-params.json"),
    ),
    (
        "conf-config-info.json",
        include_str!("../../config/contract/conf-config-info.json"),
    ),
    (
        "sub-meeting-body.json",
        include_str!("../../config/contract/sub-meeting-body.json"),
    ),
    (
        "sub-meeting-config-info.json",
        include_str!("../../config/contract/sub-meeting-config-info.json"),
    ),
    (
        "cancel-sub-meetings-body.json",
        include_str!("../../config/contract/cancel-sub-meetings-body.json"),
    ),
    (
        "query.json",
        include_str!("../../config/contract/query.json"),
    ),
];

/// The schema files, parsed.
#[derive(Debug)]
pub(super) struct Schemas(Vec<(&'static str, Value)>);

impl Schemas {
    /// Parses the built-in files.
    pub(super) fn builtin() -> Result<Self, ContractError> {
        let parse = |(file, text): &(&'static str, &str)| match serde_json::from_str(text) {
            Ok(value) => Ok((*file, value)),
            Err(error) => Err(ContractError::new(*file, error.to_string())),
        };
        Ok(Self(FILES.iter().map(parse).collect::<Result<_, _>>()?))
    }

    /// One file, for tests.
    #[cfg(test)]
    pub(super) fn of_one(file: &'static str, schema: Value) -> Self {
        Self(vec![(file, schema)])
    }

    /// Every file as it is written, by name.
    pub(super) fn into_files(self) -> Vec<(&'static str, Value)> {
        self.0
    }

    /// The schema that `reference` names, as seen from `file`, and the file it is in.
    pub(super) fn resolve<'a>(
        &'a self,
        file: &'a str,
        reference: &str,
    ) -> Result<(&'a Value, &'a str), ContractError> {
        let (named, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let target = if named.is_empty() { file } else { named };
        self.0
            .iter()
            .find(|(name, _)| *name == target)
            .and_then(|(name, root)| Some((root.pointer(fragment)?, *name)))
            .ok_or_else(|| ContractError::new(file, format!("nothing is at `{reference}`")))
    }

    /// What compiles their validators.
    pub(super) fn validators(&self) -> Result<Validators<'_>, ContractError> {
        let fault = |error: ReferencingError| ContractError::new(BASE, error.to_string());
        let mut registry = Registry::new();
        for (file, schema) in &self.0 {
            registry = registry
                .add(format!("{BASE}{file}"), schema)
                .map_err(fault)?;
        }
        Ok(Validators {
            registry: registry.prepare().map_err(fault)?,
            compiled: HashMap::default(),
        })
    }
}

/// Validators of the schemas, each compiled once however many operations share it.
#[derive(Debug)]
pub(super) struct Validators<'s> {
    registry: Registry<'s>,
    compiled: HashMap<String, Arc<Validator>>,
}

impl Validators<'_> {
    /// That of the schema at `reference`: linear-time patterns, formats checked, own keywords known, nothing fetched.
    pub(super) fn at(&mut self, reference: &str) -> Result<Arc<Validator>, ContractError> {
        if let Some(known) = self.compiled.get(reference) {
            return Ok(Arc::clone(known));
        }
        let options = jsonschema::options()
            .offline()
            .with_registry(&self.registry)
            .with_pattern_options(PatternOptions::regex())
            .should_validate_formats(true)
            .should_ignore_unknown_formats(false);
        let validator = dates::register(options)
            .build(&json!({ "$ref": format!("{BASE}{reference}") }))
            .map_err(|error| ContractError::new(reference, error.to_string()))?;
        let validator = Arc::new(validator);
        self.compiled
            .insert(reference.to_owned(), Arc::clone(&validator));
        Ok(validator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_says_who_it_is_and_is_a_schema() {
        let schemas = Schemas::builtin().unwrap();
        for (file, schema) in &schemas.0 {
            assert_eq!(schema["$id"], format!("{BASE}{file}"));
            assert!(jsonschema::meta::is_valid(schema), "{file}");
            schemas.validators().unwrap().at(file).unwrap();
        }
    }

    #[test]
    fn a_reference_to_nothing_is_an_error() {
        let schemas = Schemas::builtin().unwrap();
        assert!(schemas.resolve("", "attendee.json#/nowhere").is_err());
        assert!(schemas.validators().unwrap().at("nowhere.json").is_err());
    }

    #[test]
    fn what_is_shared_is_compiled_once() {
        let schemas = Schemas::builtin().unwrap();
        let mut validators = schemas.validators().unwrap();
        let [first, again] = [(); 2].map(|()| validators.at("attendee.json").unwrap());
        assert!(Arc::ptr_eq(&first, &again));
    }
}
