//! An operation that is served, and what becomes of requests for it.

use crate::model::operation::{Family, OperationRef, TokenOperation};
use crate::runtime::snapshot::Snapshot;

/// How requests are treated, as far as a caller can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Treatment {
    /// Held to the contract and the policy; there is a body.
    WithBody,
    /// The same without a body.
    WithoutBody,
    /// Sent on, whatever the body holds.
    Relayed,
    /// Answered by the gateway.
    SignIn(TokenOperation),
}

impl Treatment {
    /// Tells apart responses of one status.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::WithBody => "WithBody",
            Self::WithoutBody => "WithoutBody",
            Self::Relayed => "Relayed",
            Self::SignIn(TokenOperation::Create) => "CreateToken",
            Self::SignIn(TokenOperation::Update) => "UpdateToken",
            Self::SignIn(TokenOperation::Delete) => "DeleteToken",
            Self::SignIn(TokenOperation::Validate) => "ValidateToken",
        }
    }

    /// Whether the upstream is asked.
    pub(super) const fn asks_upstream(self) -> bool {
        !matches!(self, Self::SignIn(_))
    }

    /// Whether the contract and the policy have a say.
    pub(super) const fn is_governed(self) -> bool {
        matches!(self, Self::WithBody | Self::WithoutBody)
    }
}

/// An operation that is served, under a configuration.
#[derive(Debug, Clone, Copy)]
pub(super) struct Served<'s> {
    /// The operation.
    pub(super) operation: OperationRef,
    /// What becomes of requests.
    pub(super) treatment: Treatment,
    /// What is in force.
    pub(super) snapshot: &'s Snapshot,
}

/// Every operation that is served, in the registry's order.
pub(super) fn all(snapshot: &Snapshot) -> Vec<Served<'_>> {
    let operations = snapshot.contract.operations().iter();
    let served = operations.filter_map(|operation| {
        Some(Served {
            operation,
            treatment: treatment(snapshot, operation)?,
            snapshot,
        })
    });
    served.collect()
}

fn treatment(snapshot: &Snapshot, operation: OperationRef) -> Option<Treatment> {
    if let Family::Authentication(asked) = operation.family {
        return snapshot
            .sign_in
            .is_some()
            .then_some(Treatment::SignIn(asked));
    }
    if !snapshot.serves(operation) {
        return None;
    }
    Some(if snapshot.contract.body(operation).is_some() {
        Treatment::WithBody
    } else if snapshot.contract.parameters(operation).is_some() {
        Treatment::WithoutBody
    } else {
        Treatment::Relayed
    })
}
