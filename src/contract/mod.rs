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
//! assert_eq!(contract.route(&Method::GET, path), Routing::WrongMethod(vec![Method::PUT]));
//! assert_eq!(contract.route(&Method::PUT, "/v1/mmc/management/CycleConferences"), Routing::Unknown);
//! ```

use foldhash::HashMap;

use http::Method;
use matchit::Router;

use crate::model::operation::{Operation, OperationRef};

mod operations;
mod schema;
mod dates;
pub mod look_alike;
mod place;
mod shown;
mod wording;
pub mod strict_json;
pub mod deprecation;
pub mod shape;
pub mod unknown_members;
pub mod normal_form;
pub mod normalise;
pub mod masked;
mod fault;
mod violations;
mod parameters;
#[cfg(test)]
mod test_support;

pub use parameters::ParameterContract;
pub use violations::BodyContract;

use operations::OPERATIONS;
use schema::Schemas;

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
pub enum Routing {
    /// This one.
    Found(OperationRef),
    /// The path exists, with these methods only; for the `Allow` header.
    WrongMethod(Vec<Method>),
    /// There is no such path.
    Unknown,
}

/// What is known of the API, ready for use.
#[derive(Debug)]
pub struct Contract {
    router: Router<Vec<OperationRef>>,
    scheduling: HashMap<&'static str, Scheduling>,
}

/// The parts of an operation that carries a scheduling body.
#[derive(Debug)]
struct Scheduling {
    parameters: ParameterContract,
    body: BodyContract,
}

/// The schema file of each operation with a body.
const SCHEDULING: [(&str, &str); 1] =
    [("update_recurring_meeting", "update-recurring-meeting.json")];

impl Contract {
    /// Compiles the built-in contract: some milliseconds, once for each process.
    ///
    /// # Errors
    ///
    /// Only if the built-in files are wrong, which the tests rule out.
    pub fn builtin() -> Result<Self, ContractError> {
        let schemas = Schemas::builtin()?;
        let mut scheduling = HashMap::default();
        for (name, file) in SCHEDULING {
            let parts = Scheduling {
                parameters: ParameterContract::compile(&schemas, &format!("{file}#/$defs/query"))?,
                body: BodyContract::compile(&schemas, &format!("{file}#/$defs/body"))?,
            };
            scheduling.insert(name, parts);
        }
        Ok(Self {
            router: router()?,
            scheduling,
        })
    }

    /// Which operation a request is. The path must be canonical: it is compared as it is.
    pub fn route(&self, method: &Method, path: &str) -> Routing {
        let Ok(found) = self.router.at(path) else {
            return Routing::Unknown;
        };
        let methods = found.value;
        match methods.iter().find(|operation| operation.method == *method) {
            Some(operation) => Routing::Found(operation),
            None => Routing::WrongMethod(methods.iter().map(|o| o.method.clone()).collect()),
        }
    }

    /// Every operation.
    pub fn operations(&self) -> &'static [Operation] {
        &OPERATIONS
    }

    /// The operation of a name.
    pub fn operation(&self, name: &str) -> Option<OperationRef> {
        self.operations()
            .iter()
            .find(|operation| operation.name == name)
    }

    /// What the operation's body must be, if it has one that the gateway governs.
    pub fn body(&self, operation: OperationRef) -> Option<&BodyContract> {
        Some(&self.scheduling.get(operation.name)?.body)
    }

    /// What the operation's query must be, if the gateway governs it.
    pub fn parameters(&self, operation: OperationRef) -> Option<&ParameterContract> {
        Some(&self.scheduling.get(operation.name)?.parameters)
    }
}

fn router() -> Result<Router<Vec<OperationRef>>, ContractError> {
    let mut router: Router<Vec<OperationRef>> = Router::new();
    for operation in &OPERATIONS {
        let template = operation.template;
        if let Ok(known) = router.at_mut(template) {
            known.value.push(operation);
        } else {
            router
                .insert(template, vec![operation])
                .map_err(|error| ContractError::new(template, error.to_string()))?;
        }
    }
    Ok(router)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::operation::Family;

    #[test]
    fn every_operation_is_found_by_its_own_method_and_path_only() {
        let contract = Contract::builtin().unwrap();
        for operation in contract.operations() {
            let found = contract.route(&operation.method, operation.template);
            assert_eq!(found, Routing::Found(operation));
            assert!(matches!(
                contract.route(&Method::PATCH, operation.template),
                Routing::WrongMethod(methods) if methods.contains(&operation.method)
            ));
        }
        let token = contract.route(&Method::GET, "/v1/usg/acs/token");
        assert_eq!(
            token,
            Routing::WrongMethod(vec![Method::PUT, Method::DELETE])
        );
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
            "/v1/mmc/management/conferences",
            "/v1/usg/acs/token/validate/x",
        ] {
            assert_eq!(
                contract.route(&Method::PUT, path),
                Routing::Unknown,
                "{path}"
            );
        }
    }

    #[test]
    fn scheduling_operations_have_a_body_and_others_none() {
        let contract = Contract::builtin().unwrap();
        for operation in contract.operations() {
            let governed = operation.family == Family::Scheduling;
            assert_eq!(contract.body(operation).is_some(), governed);
            assert_eq!(contract.parameters(operation).is_some(), governed);
        }
    }
}
