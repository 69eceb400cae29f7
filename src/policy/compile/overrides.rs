//! What the configuration says of rules: modes, bindings, exemptions.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::finding::Mode;
use crate::model::problem::{Problem, Severity};
use crate::model::until::Until;

use super::super::binding::names;
use super::super::exemption::Exempt;
use super::super::pack::Rule;
use super::super::scope::Callers;
use super::super::sheet::suggestion;
use super::Context;

/// A problem for each rule that the configuration names and no pack has.
pub(super) fn unknown(context: &Context<'_>, ids: &BTreeMap<Arc<str>, usize>) -> Vec<Problem> {
    let modes = context.modes.keys();
    let modes = modes.map(|id| (format!("policy.modes.{id}"), id));
    let bindings = context.bindings.iter().flat_map(|binding| {
        let modes = binding.modes.keys();
        modes.map(|id| (format!("{}.modes.{id}", binding.at), id))
    });
    let exemptions = context.exemptions.iter().flat_map(|exemption| {
        let rules = exemption.rules.iter().enumerate();
        rules.map(|(index, id)| (format!("{}.rules.{index}", exemption.at), id))
    });
    modes
        .chain(bindings)
        .chain(exemptions)
        .filter(|(_, id)| !ids.keys().any(|known| names(id, known)))
        .map(|(at, id)| Problem {
            hint: suggestion(id, ids.keys().map(|known| &**known)),
            ..Problem::of_key(at, format!("no pack has a rule `{id}`"))
        })
        .collect()
}

/// The mode that is written for a rule: by its own name, else by its pack's.
pub(super) fn mode(modes: &BTreeMap<String, Mode>, id: &str) -> Option<Mode> {
    let by_pack = || modes.iter().find(|(written, _)| names(written, id));
    modes
        .get(id)
        .or_else(|| by_pack().map(|(_, mode)| mode))
        .copied()
}

/// The bindings that name a rule, in order.
pub(super) fn bindings(context: &Context<'_>, id: &str) -> Vec<(Callers, Mode)> {
    let all = context.bindings.iter();
    all.filter_map(|binding| {
        let mode = mode(&binding.modes, id)?;
        Some((binding.callers.clone(), mode))
    })
    .collect()
}

/// Whether a binding or an exemption names a rule.
pub(super) fn relaxed(context: &Context<'_>, id: &str) -> bool {
    let exempted = |written: &String| names(written, id);
    !bindings(context, id).is_empty()
        || context
            .exemptions
            .iter()
            .any(|exemption| exemption.rules.iter().any(exempted))
}

/// The exemptions from a rule: its own, then those of the configuration.
pub(super) fn exemptions(context: &Context<'_>, id: &str, rule: &Rule) -> Vec<Exempt> {
    let own = rule
        .exemptions
        .iter()
        .map(|own| Exempt::new(own.callers.clone(), own.until.value.clone(), &own.reason));
    let granted = context
        .exemptions
        .iter()
        .filter(|exemption| exemption.rules.iter().any(|written| names(written, id)))
        .map(|granted| {
            Exempt::new(
                granted.callers.clone(),
                granted.until.clone(),
                &granted.reason,
            )
        });
    own.chain(granted).collect()
}

/// What is to be said of the configuration's exemptions once they are over.
pub(super) fn ends(context: &Context<'_>) -> impl Iterator<Item = (Until, Problem)> {
    context.exemptions.iter().map(|exemption| {
        let problem = Problem {
            severity: Severity::Warning,
            hint: Some("remove it, or give it a later end".to_owned()),
            ..Problem::of_key(&*exemption.at, over(&exemption.until, &exemption.reason))
        };
        (exemption.until.clone(), problem)
    })
}

/// That an exemption is over.
pub(super) fn over(until: &Until, reason: &str) -> String {
    format!("the exemption ended ({until}): {reason}")
}
