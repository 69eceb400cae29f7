//! Floor 1: what the upstream's API promises and wants, compiled once from `config/contract`.
//!
//! A [`Contract`] tells which operation a request is, and what its query and body must be. The steps that use it, in their
//! order: [`strict_json`] reads the bytes, [`unknown_members`] strips, [`normalise`](mod@normalise) brings to one spelling,
//! [`BodyContract::violations`] validates.
//!
//! ```
//! use http::Method;
//! use meeting_gateway::contract::{Contract, Routing};
//!
//! let contract = Contract::builtin().unwrap();
//! let path = "/v1/mmc/management/cycleconferences";
//! assert!(matches!(contract.route(&Method::PUT, path), Routing::Found(o) if o.name == "update_recurring_meeting"));
//! assert!(matches!(contract.route(&Method::GET, path), Routing::WrongMethod(known) if known.len() == 3));
//! assert_eq!(contract.route(&Method::PUT, "/v1/mmc/management/CycleConferences"), Routing::Unknown);
//! ```

use foldhash::HashMap;

use http::Method;
use matchit::{InsertError, Router};
use serde_json::Value;

use crate::model::operation::{Operation, OperationRef};

mod operations;
mod schema;
mod name_table;
mod typed_check;
mod told_as;
mod dates;
pub mod look_alike;
mod place;
mod shown;
pub mod shown_target;
mod wording;
pub mod strict_json;
pub mod deprecation;
pub mod shape;
pub mod unknown_members;
pub mod normal_form;
pub mod normalise;
pub mod masked;
mod mask_as_value;
mod fault;
mod violations;
pub mod answer_check;
pub mod meeting_detail;
pub mod told_meeting;
pub mod ineffective;
pub mod left_out;
pub mod fill;
mod parameters;
#[cfg(test)]
mod test_support;

pub use parameters::ParameterContract;
pub use violations::BodyContract;

use schema::Schemas;
use typed_check::TypedChecks;

/// The contract cannot be compiled: a mistake in the files that are built in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("config/contract: {place}: {what}")]
pub struct ContractError {
    place: String,
    what: String,
}

impl ContractError {
    fn new(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            what: what.into(),
        }
    }

    /// The same error, inside a member.
    fn within(mut self, member: &str) -> Self {
        self.what = format!("{member}: {}", self.what);
        self
    }
}

/// Which operation a method and path are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Routing<'c> {
    /// This one.
    Found(OperationRef),
    /// The path exists, for these operations only.
    WrongMethod(&'c [OperationRef]),
    /// There is no such path.
    Unknown,
}

/// What is known of the API, ready for use.
#[derive(Debug)]
pub struct Contract {
    operations: &'static [Operation],
    router: Router<Vec<OperationRef>>,
    /// What the router says of the paths that have no parameter, which are most: found by one look.
    fixed_paths: HashMap<&'static str, Vec<OperationRef>>,
    /// By the index of the operation; few of them are governed.
    governed: Vec<Option<Box<Governed>>>,
}

/// The parts of an operation that is held to a contract.
#[derive(Debug)]
struct Governed {
    parameters: ParameterContract,
    body: Option<BodyContract>,
    schema: Option<&'static str>,
}

/// The schema files of `config/contract` that requests are held to, by name, as they are written: for documents about them.
///
/// # Errors
///
/// Only if the built-in files are wrong, which the tests rule out.
pub fn schema_files() -> Result<Vec<(&'static str, Value)>, ContractError> {
    Ok(Schemas::builtin()?.into_files())
}

impl Contract {
    /// Compiles the built-in contract: some milliseconds, once for each process.
    ///
    /// # Errors
    ///
    /// Only if the built-in files are wrong, which the tests rule out.
    pub fn builtin() -> Result<Self, ContractError> {
        let registry = operations::registry()?;
        let schemas = Schemas::builtin()?;
        let mut validators = schemas.validators()?;
        let mut checks = TypedChecks::new(&schemas);
        let operations = registry.operations();
        let mut governed: Vec<_> = operations.iter().map(|_| None).collect();
        for (operation, form) in registry.governed() {
            let body = form
                .schema
                .map(|file| BodyContract::compile(&schemas, &mut validators, &mut checks, file));
            let parts = Governed {
                parameters: ParameterContract::compile(
                    &schemas,
                    &mut validators,
                    &mut checks,
                    operation,
                    form,
                )?,
                body: body.transpose()?,
                schema: form.schema,
            };
            if let Some(place) = governed.get_mut(operation.index) {
                *place = Some(Box::new(parts));
            }
        }
        Ok(Self {
            operations,
            router: router(operations)?,
            fixed_paths: fixed_paths(operations),
            governed,
        })
    }

    /// Which operation a request is. The path must be canonical: it is compared as it is.
    pub fn route(&self, method: &Method, path: &str) -> Routing<'_> {
        let methods = match self.fixed_paths.get(path) {
            Some(methods) => methods,
            None => match self.router.at(path) {
                Ok(found) => found.value,
                Err(_) => return Routing::Unknown,
            },
        };
        match methods.iter().find(|operation| operation.method == *method) {
            Some(operation) => Routing::Found(operation),
            None => Routing::WrongMethod(methods),
        }
    }

    /// Every operation.
    pub const fn operations(&self) -> &'static [Operation] {
        self.operations
    }

    /// The names of those that packs can be about.
    pub fn governed_names(&self) -> Vec<&'static str> {
        let governed = self.operations().iter();
        let governed = governed.filter(|operation| operation.family.is_governed());
        governed.map(|operation| operation.name).collect()
    }

    /// The operation of a name.
    pub fn operation(&self, name: &str) -> Option<OperationRef> {
        self.operations()
            .iter()
            .find(|operation| operation.name == name)
    }

    /// What the operation's body must be, if it has one that the gateway governs.
    pub fn body(&self, operation: OperationRef) -> Option<&BodyContract> {
        self.governed(operation)?.body.as_ref()
    }

    /// Which of the [`schema_files`] is about the operation's body, if it has one that the gateway governs.
    pub fn body_schema(&self, operation: OperationRef) -> Option<&'static str> {
        self.governed(operation)?.schema
    }

    /// What the operation's body must be, if it replaces a meeting that is there, so that what the body leaves out is lost.
    pub fn replacement(&self, operation: OperationRef) -> Option<&BodyContract> {
        let replaces = operation.method == Method::PUT;
        self.body(operation)
            .filter(|body| replaces && body.shape().is_told())
    }

    /// What the operation's query must be, if the gateway governs it.
    pub fn parameters(&self, operation: OperationRef) -> Option<&ParameterContract> {
        Some(&self.governed(operation)?.parameters)
    }

    fn governed(&self, operation: OperationRef) -> Option<&Governed> {
        self.governed.get(operation.index)?.as_deref()
    }
}

fn router(operations: &'static [Operation]) -> Result<Router<Vec<OperationRef>>, ContractError> {
    let mut router: Router<Vec<OperationRef>> = Router::new();
    for operation in operations {
        let template = operation.template;
        // Templates that are spelt alike are one path; what only matches one is another.
        match router.insert(template, vec![operation]) {
            Ok(()) => {}
            Err(InsertError::Conflict { .. }) => match router.at_mut(template) {
                Ok(known) => known.value.push(operation),
                Err(error) => return Err(ContractError::new(template, error.to_string())),
            },
            Err(error) => return Err(ContractError::new(template, error.to_string())),
        }
    }
    Ok(router)
}

/// The operations of each path without a parameter, in the order in which the router has them.
fn fixed_paths(operations: &'static [Operation]) -> HashMap<&'static str, Vec<OperationRef>> {
    let mut paths: HashMap<_, Vec<_>> = HashMap::default();
    for operation in operations {
        if !operation.template.contains('{') {
            paths.entry(operation.template).or_default().push(operation);
        }
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The template with something in the place of its parameters.
    fn example(template: &str) -> String {
        let segments = template.split('/').map(|segment| {
            if segment.starts_with('{') {
                "914087436"
            } else {
                segment
            }
        });
        segments.collect::<Vec<_>>().join("/")
    }

    #[test]
    fn every_operation_is_found_by_its_own_method_and_path_only() {
        let contract = Contract::builtin().unwrap();
        for operation in contract.operations() {
            let path = example(operation.template);
            let found = contract.route(&operation.method, &path);
            assert_eq!(found, Routing::Found(operation));
            assert!(matches!(
                contract.route(&Method::PATCH, &path),
                Routing::WrongMethod(known) if known.contains(&operation)
            ));
        }
        let token = contract.route(&Method::GET, "/v1/usg/acs/token");
        let methods = |routing| match routing {
            Routing::WrongMethod(known) => known.iter().map(|o| o.method.clone()).collect(),
            _ => Vec::new(),
        };
        assert_eq!(methods(token), [Method::DELETE, Method::PUT]);
    }

    #[test]
    fn a_fixed_path_is_what_the_router_says() {
        let contract = Contract::builtin().unwrap();
        assert!(contract.fixed_paths.len() > 100);
        for (path, operations) in &contract.fixed_paths {
            assert_eq!(contract.router.at(path).unwrap().value, operations);
        }
    }

    #[test]
    fn other_spellings_of_a_path_do_not_exist() {
        let contract = Contract::builtin().unwrap();
        for path in [
            "",
            "/",
            "*",
            "/v1/mmc/management/cycleconferences/",
            "//v1/mmc/management/cycleconferences",
            "/v1/mmc/management/cycleconferences;x=1",
            "/v1/mmc/management/%63ycleconferences",
            "/v1/mmc/management/conference",
            "/v1/mmc/management/conference/duration",
            "/v1/usg/acs/token/validate/x",
            "/v1/usg/dcs/corp/member/a/b",
            "/v1/usg/dcs/corp/member/",
        ] {
            assert_eq!(
                contract.route(&Method::PUT, path),
                Routing::Unknown,
                "{path}"
            );
        }
    }

    #[test]
    fn what_is_governed_has_a_query_and_a_body_where_one_is_documented() {
        let contract = Contract::builtin().unwrap();
        for operation in contract.operations() {
            let governed = operation.family.is_governed();
            let body = governed && operation.body.is_some();
            assert_eq!(contract.body(operation).is_some(), body);
            assert_eq!(contract.parameters(operation).is_some(), governed);
        }
    }
}
