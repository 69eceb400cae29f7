//! The policy section of a configuration becomes a rule set: the packs it names, and what it says of their rules.

use crate::config;
use crate::config::policy::Policy;
use crate::contract::deprecation::DEPRECATED;
use crate::contract::{BodyContract, Contract};
use crate::model::problem::Problem;
use crate::policy::cases::Setup;
use crate::policy::{self, Binding, Context, Exemption, OperationFields, Pack, RuleSet, compile};
use crate::runtime::packs;

/// Reads and compiles the packs that a policy section names, with all that it says of their rules.
///
/// # Errors
///
/// Everything that is wrong with the packs and the section.
pub fn rules(policy: &Policy, contract: &Contract) -> Result<RuleSet, Vec<Problem>> {
    rules_of(packs::read(policy), policy, contract)
}

pub(super) fn rules_of(
    (packs, mut problems): (Vec<Pack>, Vec<Problem>),
    policy: &Policy,
    contract: &Contract,
) -> Result<RuleSet, Vec<Problem>> {
    let bodies: Vec<_> = contract
        .operations()
        .iter()
        .filter_map(|operation| {
            let parameters = contract.parameters(operation)?.names().collect::<Vec<_>>();
            let fields = contract.body(operation).map(BodyContract::fields);
            Some((operation, fields.unwrap_or_default(), parameters))
        })
        .collect();
    let operations: Vec<_> = bodies
        .iter()
        .map(|(operation, fields, parameters)| OperationFields {
            operation,
            fields,
            parameters,
        })
        .collect();
    let deprecated = DEPRECATED
        .each_ref()
        .map(|entry| (entry.location, entry.name));
    let packs_alone = Context {
        deprecated: &deprecated,
        ..Context::of(&operations)
    };
    // Where a rule could not be read, its name would be called unknown in the configuration.
    let compiled = if problems.is_empty() {
        compile(
            &packs,
            &Context {
                modes: &policy.modes,
                bindings: &bindings(policy),
                exemptions: &exemptions(policy),
                ..packs_alone
            },
        )
    } else {
        compile(&packs, &packs_alone)
    };
    if problems.is_empty() {
        return compiled;
    }
    problems.extend(compiled.err().into_iter().flatten());
    // What is wrong with a file, from its top to its bottom.
    problems.sort_by(|one, other| (&one.file, one.position).cmp(&(&other.file, other.position)));
    Err(problems)
}

/// What a policy section says of its packs, as a case of a test would.
pub fn setup(policy: &Policy) -> Setup {
    Setup {
        packs: policy.packs.clone(),
        modes: policy.modes.clone(),
        bindings: bindings(policy),
        exemptions: exemptions(policy),
    }
}

fn bindings(policy: &Policy) -> Vec<Binding> {
    let written = policy.bindings.iter().enumerate();
    let binding = |(index, binding): (usize, &config::policy::Binding)| Binding {
        callers: named(&binding.callers, &binding.groups),
        modes: binding.modes.clone(),
        at: format!("policy.bindings.{index}"),
    };
    written.map(binding).collect()
}

fn exemptions(policy: &Policy) -> Vec<Exemption> {
    let written = policy.exemptions.iter().enumerate();
    let exemption = |(index, exemption): (usize, &config::policy::Exemption)| Exemption {
        rules: exemption.rules.clone(),
        callers: named(&exemption.callers, &exemption.groups),
        until: exemption.until.clone(),
        reason: exemption.reason.clone(),
        at: format!("policy.exemptions.{index}"),
    };
    written.map(exemption).collect()
}

fn named(ids: &[String], groups: &[String]) -> policy::Callers {
    policy::Callers {
        ids: ids.to_vec(),
        groups: groups.to_vec(),
        except: Vec::new(),
    }
}
