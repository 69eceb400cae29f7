//! Other packs than the configured ones, for one command.

use std::path::Path;

use crate::config::policy::Policy;

/// Puts other packs in force, or another folder. What the configuration says of rules whose pack is not in force any more is
/// dropped: it would be called a mistake.
pub(super) fn replace(policy: &mut Policy, packs: &[String], directory: Option<&Path>) {
    if let Some(directory) = directory {
        directory.clone_into(&mut policy.directory);
    }
    if packs.is_empty() {
        return;
    }
    let dropped: Vec<String> = policy
        .packs
        .drain(..)
        .filter(|pack| !packs.contains(pack))
        .collect();
    policy.packs = packs.to_vec();
    let stays = |rule: &str| {
        let pack = rule.split('/').next().unwrap_or_default();
        !dropped.iter().any(|dropped| dropped == pack)
    };
    policy.modes.retain(|rule, _| stays(rule));
    for binding in &mut policy.bindings {
        binding.modes.retain(|rule, _| stays(rule));
    }
    policy.bindings.retain(|binding| !binding.modes.is_empty());
    for exemption in &mut policy.exemptions {
        exemption.rules.retain(|rule| stays(rule));
    }
    policy
        .exemptions
        .retain(|exemption| !exemption.rules.is_empty());
}
