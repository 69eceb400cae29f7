//! Bindings: another mode for rules, for some callers. So a rule can be enforced for one group while it is still only counted for
//! the next (as a binding of Kubernetes' `ValidatingAdmissionPolicy` does).

use std::collections::BTreeMap;

use crate::model::finding::Mode;

use super::scope::Callers;

/// A binding, as the configuration has it. Of several that name a rule and a caller, the first counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Whose requests.
    pub callers: Callers,
    /// The modes, by `pack/rule`; `pack/*` stands for all rules of a pack.
    pub modes: BTreeMap<String, Mode>,
    /// The configuration's key, for messages.
    pub at: String,
}

/// Whether `pack/rule` or `pack/*` names a rule.
pub(super) fn names(written: &str, rule: &str) -> bool {
    match written.strip_suffix('*') {
        Some(pack) => pack.ends_with('/') && rule.starts_with(pack),
        None => written == rule,
    }
}
