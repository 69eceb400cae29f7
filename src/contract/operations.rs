//! The registry of operations: every method and path that exists behind this gateway. What is not listed does not exist.
//!
//! Source: the official SDK's operations of the same names; the sign-in family is answered by the gateway itself.

use http::Method;

use crate::model::operation::{Family, Operation, TokenOperation};

/// Every known operation, by family and name.
pub(super) static OPERATIONS: [Operation; 5] = [
    Operation {
        name: "update_recurring_meeting",
        method: Method::PUT,
        template: "/v1/mmc/management/cycleconferences",
        family: Family::Scheduling,
    },
    Operation {
        name: "create_app_id_token",
        method: Method::POST,
        template: "/v2/usg/acs/auth/appauth",
        family: Family::Authentication(TokenOperation::Create),
    },
    Operation {
        name: "update_token",
        method: Method::PUT,
        template: "/v1/usg/acs/token",
        family: Family::Authentication(TokenOperation::Update),
    },
    Operation {
        name: "delete_token",
        method: Method::DELETE,
        template: "/v1/usg/acs/token",
        family: Family::Authentication(TokenOperation::Delete),
    },
    Operation {
        name: "validate_token",
        method: Method::POST,
        template: "/v1/usg/acs/token/validate",
        family: Family::Authentication(TokenOperation::Validate),
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_are_unique_snake_case_and_paths_canonical() {
        let mut names = HashSet::new();
        for operation in &OPERATIONS {
            assert!(names.insert(operation.name), "{} twice", operation.name);
            assert!(
                operation
                    .name
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b == b'_'),
                "{}",
                operation.name
            );
            let path = operation.template;
            assert!(
                path.starts_with('/') && !path.ends_with('/') && !path.contains("//"),
                "{path}"
            );
        }
    }
}
