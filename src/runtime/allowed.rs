//! The operations that a configuration lets through beside the governed ones: found in the registry, or a mistake; and what each
//! can be used for, since nothing holds it to the policy.

use crate::config::operations::{AllowedOperation, Operations};
use crate::contract::Contract;
use crate::model::operation::{Family, OperationRef, Risk};
use crate::model::problem::{Problem, Severity, nearest};

/// The operations of these names.
///
/// # Errors
///
/// Every name that is of no operation, or of one that needs no allowance.
pub fn operations(
    section: &Operations,
    contract: &Contract,
) -> Result<Vec<OperationRef>, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut allowed = Vec::with_capacity(section.allow.len());
    for written in &section.allow {
        match contract.operation(&written.name) {
            Some(operation) if operation.family == Family::Relayed => allowed.push(operation),
            Some(operation) => problems.push(needs_none(written, operation)),
            None => problems.push(unknown(written, contract)),
        }
    }
    if problems.is_empty() {
        Ok(allowed)
    } else {
        Err(problems)
    }
}

fn needs_none(written: &AllowedOperation, operation: OperationRef) -> Problem {
    let why = match operation.family {
        Family::Authentication(_) => "is answered by the gateway itself already",
        _ => "is governed already",
    };
    written.problem(format!("`{}` {why}", written.name), "leave it out")
}

fn unknown(written: &AllowedOperation, contract: &Contract) -> Problem {
    let names = contract.operations().iter().map(|operation| operation.name);
    let hint = nearest(&written.name, names).map_or_else(
        || "`config/README.md` lists every operation".to_owned(),
        |meant| format!("did you mean `{meant}`?"),
    );
    written.problem(format!("there is no operation `{}`", written.name), hint)
}

/// What the operations that are let through can be used for, one notice for each that is not harmless.
pub fn notices(section: &Operations, contract: &Contract) -> Vec<Problem> {
    let notice = |written: &AllowedOperation| {
        let can = match contract.operation(&written.name)?.risk {
            Risk::Policy => "can get around the policy: it sets or undoes what rules are about",
            Risk::Credentials => {
                "tells or sets what opens a door: passwords, links, tokens or keys"
            }
            Risk::Administration => {
                "changes the enterprise: people, departments, devices or resources"
            }
            Risk::PersonalData => "tells of people",
            Risk::Low => return None,
        };
        let what = format!(
            "`{}` passes without schema and policy, and {can}",
            written.name
        );
        let mut notice = written.problem(what, "");
        notice.severity = Severity::Notice;
        Some(notice)
    };
    section.allow.iter().filter_map(notice).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::*;
    use crate::config;

    fn section(names: &str) -> Operations {
        let text = format!(
            "upstream: {{url: 'https://api.example', credentials: {{pass_through: true}}}}\noperations:\n  allow: [{names}]\n"
        );
        let parsed = config::parse(&text, "a.yaml", Path::new("."), &BTreeMap::new(), &[]);
        parsed.unwrap().operations
    }

    #[test]
    fn names_are_found_or_a_mistake_that_says_what_to_do() {
        let contract = Contract::builtin().unwrap();
        let allowed = operations(&section("show_my_info, add_user"), &contract).unwrap();
        let names: Vec<_> = allowed.iter().map(|operation| operation.name).collect();
        assert_eq!(names, ["show_my_info", "add_user"]);

        let names = "show_my_inf, update_meeting, check_token, search_meetings, zzz";
        let problems = operations(&section(names), &contract).unwrap_err();
        let told: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "a.yaml:3:11: operations.allow.0: there is no operation `show_my_inf` (did you mean `show_my_info`?)",
                "a.yaml:3:24: operations.allow.1: `update_meeting` is governed already (leave it out)",
                "a.yaml:3:40: operations.allow.2: `check_token` is answered by the gateway itself already (leave it out)",
                "a.yaml:3:53: operations.allow.3: `search_meetings` is governed already (leave it out)",
                "a.yaml:3:70: operations.allow.4: there is no operation `zzz` (`config/README.md` lists every operation)",
            ]
        );
    }

    #[test]
    fn what_is_let_through_is_told_of_by_its_risk() {
        let contract = Contract::builtin().unwrap();
        let names = "show_device_types, create_webinar, create_conf_token, add_user, search_users";
        let told = notices(&section(names), &contract);
        let told: Vec<_> = told
            .iter()
            .map(|notice| (notice.severity, &*notice.at))
            .collect();
        let expected = [
            "operations.allow.1",
            "operations.allow.2",
            "operations.allow.3",
            "operations.allow.4",
        ];
        assert_eq!(told, expected.map(|at| (Severity::Notice, at)));
    }
}
