//! Finds the operation. What is not known by method and path does not exist here and is never proxied.

use std::borrow::Cow;

use crate::contract::{Routing, deprecation, look_alike};
use crate::model::finding::Location;
use crate::model::operation::{Family, OperationRef};
use crate::model::record::Record;
use crate::model::refusal::Refusal;
use crate::model::stage::Stage;
use crate::stages::admit::Admitted;
use crate::stages::decode::{Routed, target};
use crate::stages::step::{Step, Verdict};

/// [`Admitted`] → [`Routed`], or 400, 404, 405.
#[derive(Debug, Clone, Copy, Default)]
pub struct Route;

impl<B> Step<Admitted<B>> for Route {
    type Next = Routed<B>;

    fn apply(
        &self,
        Admitted {
            request,
            principal,
            own_token,
            snapshot,
            record,
        }: Admitted<B>,
    ) -> Verdict<Routed<B>> {
        record.enter(Stage::Route);
        let path = snapshot.requests.path(request.uri().path());
        let routing = snapshot.contract.route(request.method(), path);
        let path = canonical_path(&routing, path)?;
        let operation = match routing {
            Routing::Found(operation) if snapshot.serves(operation) => operation,
            Routing::Found(operation) => return Err(not_served(operation, &record)),
            Routing::WrongMethod(known) => {
                let served = known.iter().filter(|operation| {
                    snapshot.serves(operation)
                        || matches!(operation.family, Family::Authentication(_))
                });
                let allow: Vec<_> = served.map(|operation| operation.method.clone()).collect();
                return Err(if allow.is_empty() {
                    Refusal::UnknownOperation
                } else {
                    Refusal::MethodNotAllowed { allow }
                });
            }
            Routing::Unknown => return Err(Refusal::UnknownOperation),
        };
        record.journal().operation = Some(operation);
        // A parameter must not be another path once it is decoded.
        let is_same =
            || snapshot.contract.route(request.method(), &path) == Routing::Found(operation);
        if matches!(path, Cow::Owned(_)) && !is_same() {
            return Err(Refusal::NonCanonicalTarget {
                what: "a path parameter that spells another path".into(),
            });
        }
        let query = target::canonical_query(request.uri().query().unwrap_or_default(), |name| {
            // A deprecated parameter is stripped however it is spelt.
            let meant = look_alike::meant(name, &operation.query);
            meant.filter(|meant| deprecation::find(Location::Query, meant).is_none())
        })?;
        Ok(Routed {
            request,
            operation,
            path,
            query,
            own_token,
            principal,
            snapshot,
            record,
        })
    }
}

/// The path in its one spelling. Only where parameters are documented in it may something be encoded.
fn canonical_path(routing: &Routing<'_>, path: &str) -> Result<Cow<'static, str>, Refusal> {
    if let Routing::Found(operation) = routing {
        if operation.template.contains('{') {
            return target::with_parameters(operation.template, path).map(Cow::Owned);
        }
        return Ok(Cow::Borrowed(operation.template));
    }
    target::canonical_path(path).map(|()| Cow::Borrowed(""))
}

/// Why an operation that is known is not served.
fn not_served(operation: OperationRef, record: &Record) -> Refusal {
    // Sign-in operations are answered before this stage; one that comes here was not for it.
    if matches!(operation.family, Family::Authentication(_)) {
        return Refusal::UnknownOperation;
    }
    record.journal().operation = Some(operation);
    Refusal::OperationNotAllowed {
        operation: operation.name,
    }
}
