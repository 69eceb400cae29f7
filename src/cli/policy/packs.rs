//! Other packs than the configured ones, for one command.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use crate::config::policy::Policy;

/// Which packs to decide with.
#[derive(Debug, Args)]
pub struct OtherPacks {
    /// These packs instead of the configured ones, in this order; modes, bindings and exemptions of packs still in force are kept.
    #[arg(long, value_name = "PACK,...", value_delimiter = ',')]
    pub packs: Vec<String>,
    /// The folder of the packs, instead of the configured one.
    #[arg(long, value_name = "DIR")]
    pub policies: Option<PathBuf>,
}

impl OtherPacks {
    /// A policy of nothing but these packs, where both are said: which they are, and where.
    pub(super) fn alone(&self) -> Option<Policy> {
        let directory = self.policies.as_ref().filter(|_| !self.packs.is_empty())?;
        Some(Policy {
            directory: directory.clone(),
            packs: self.packs.clone(),
            modes: BTreeMap::new(),
            bindings: Vec::new(),
            exemptions: Vec::new(),
        })
    }

    /// Puts them in force. What the configuration says of rules whose pack is not in force any more is dropped: it would be
    /// called a mistake.
    pub(super) fn replace(&self, policy: &mut Policy) {
        if let Some(directory) = &self.policies {
            directory.clone_into(&mut policy.directory);
        }
        if !self.packs.is_empty() {
            replace(policy, &self.packs);
        }
    }
}

fn replace(policy: &mut Policy, packs: &[String]) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::policy::{Binding, Exemption};
    use crate::model::finding::Mode;

    #[test]
    fn what_is_said_of_packs_still_in_force_is_kept() {
        let modes = |rules: &[&str]| {
            let of = |rule: &&str| ((*rule).to_owned(), Mode::Warn);
            rules.iter().map(of).collect::<BTreeMap<_, _>>()
        };
        let binding = |rules: &[&str]| Binding {
            callers: vec!["hr".into()],
            groups: Vec::new(),
            modes: modes(rules),
        };
        let exemption = |rules: &[&str]| Exemption {
            rules: rules.iter().map(|rule| (*rule).to_owned()).collect(),
            callers: vec!["hr".into()],
            groups: Vec::new(),
            until: "2031-03-31".parse().unwrap(),
            reason: "a fair".into(),
        };
        let mut policy = Policy {
            directory: "policies".into(),
            packs: vec!["house".into(), "guests".into()],
            modes: modes(&["house/a", "guests/*"]),
            bindings: vec![binding(&["guests/a"]), binding(&["house/b", "guests/b"])],
            exemptions: vec![exemption(&["guests/a"]), exemption(&["house/c"])],
        };
        let mut other = OtherPacks {
            packs: Vec::new(),
            policies: Some("other".into()),
        };
        assert!(other.alone().is_none());
        other.replace(&mut policy);
        assert_eq!(policy.directory, PathBuf::from("other"));
        assert_eq!(policy.modes.len(), 2, "the folder alone drops nothing");

        other.packs = vec!["new".into(), "house".into()];
        other.replace(&mut policy);
        assert_eq!(policy.packs, other.packs);
        assert_eq!(policy.modes, modes(&["house/a"]));
        assert_eq!(policy.bindings.len(), 1);
        assert_eq!(policy.bindings[0].modes, modes(&["house/b"]));
        assert_eq!(policy.exemptions.len(), 1);
        assert_eq!(policy.exemptions[0].rules, ["house/c"]);

        let alone = other.alone().unwrap();
        assert_eq!((alone.packs, alone.modes.len()), (other.packs, 0));
    }
}
