//! Drafts without mistakes become the rule set.

use std::sync::Arc;

use crate::model::problem::{Problem, Severity};
use crate::model::until::Until;

use super::super::caller_marks::CallerMarks;
use super::super::pack::{Excepted, Pack};
use super::super::rule::{Deed, Head, Refusing, Rule, Step};
use super::super::rule_set::{
    ExemptionSummary, OperationRules, PackSummary, RuleSet, RuleSummary, digest,
};
use super::super::sheet::Sheet;
use super::super::verb::{Retired, Verb};
use super::{Context, Draft, OperationFields, overrides};

/// The rule set of drafts in order.
pub(super) fn rule_set(packs: &[Pack], context: &Context<'_>, drafts: Vec<Draft<'_>>) -> RuleSet {
    let files: Vec<Arc<str>> = packs.iter().map(|pack| pack.file.as_str().into()).collect();
    let listed = |(pack, file): (&Pack, &Arc<str>)| PackSummary {
        name: pack.name().into(),
        file: Arc::clone(file),
        description: pack.description.clone(),
    };
    let mut set = RuleSet {
        digest: digest(packs, context),
        packs: packs.iter().zip(&files).map(listed).collect(),
        missing_fields: packs
            .iter()
            .map(Pack::missing_fields)
            .max()
            .unwrap_or_default(),
        rules: drafts
            .iter()
            .map(|draft| {
                let file = files.get(draft.pack).cloned().unwrap_or_default();
                summary(context, draft, file)
            })
            .collect(),
        operations: Vec::with_capacity(context.operations.len()),
        exemptions: ends(packs, &drafts)
            .into_iter()
            .chain(overrides::ends(context))
            .collect(),
    };
    set.operations
        .extend(context.operations.iter().map(|known| OperationRules {
            operation: known.operation,
            fixes: Vec::new(),
            refusing: Vec::new(),
        }));
    for draft in drafts {
        let head = Arc::new(head(context, &draft));
        let marks = CallerMarks::of(&head.callers);
        for (index, when) in &draft.operations {
            let (Some(known), Some(rules)) = (
                context.operations.get(*index),
                set.operations.get_mut(*index),
            ) else {
                continue;
            };
            let rule = |deed| Rule {
                head: head.clone(),
                marks,
                when: when.clone(),
                deed,
            };
            let (fixes, refusing) = split(&draft, known);
            if !fixes.is_empty() {
                rules.fixes.push(Rule {
                    head: head.clone(),
                    marks,
                    when: when.clone(),
                    deed: fixes,
                });
            }
            rules.refusing.extend(refusing.map(rule));
        }
    }
    set
}

fn head(context: &Context<'_>, draft: &Draft<'_>) -> Head {
    let rule = draft.rule;
    Head {
        id: draft.id.clone(),
        verb: rule.verb.name(),
        mode: draft.mode,
        message: rule.message.clone(),
        callers: rule.scope.callers.clone(),
        bindings: overrides::bindings(context, &draft.id),
        exemptions: overrides::exemptions(context, &draft.id, rule),
        two_halves: draft
            .deeds
            .iter()
            .any(|(_, deed)| matches!(deed, Deed::Fix(_)))
            && draft
                .deeds
                .iter()
                .any(|(_, deed)| matches!(deed, Deed::Demand(_))),
        sunset: match &rule.verb {
            Verb::Sunset { on, .. } => Some(on.value.clone()),
            _ => None,
        },
    }
}

/// What a rule changes in an operation, and what it refuses.
fn split(
    draft: &Draft<'_>,
    known: &OperationFields<'_>,
) -> (Vec<Step<super::super::fix::Fix>>, Option<Refusing>) {
    match &draft.rule.verb {
        Verb::Deny { field } => {
            let pointer = field.as_ref().map_or("", |field| field.value.as_str());
            return (Vec::new(), Some(Refusing::Deny(pointer.into())));
        }
        Verb::Sunset {
            what: Retired::Parameter(location, name),
            ..
        } => {
            let retired = Refusing::Retired(*location, name.value.as_str().into());
            return (Vec::new(), Some(retired));
        }
        _ => {}
    }
    let (mut fixes, mut demands) = (Vec::new(), Vec::new());
    for (path, deed) in &draft.deeds {
        let Some(field) = known.field(path) else {
            continue;
        };
        let (path, default) = (path.clone(), field.default.clone());
        match deed.clone() {
            Deed::Fix(deed) => fixes.push(Step {
                path,
                default,
                deed,
            }),
            Deed::Demand(deed) => demands.push(Step {
                path,
                default,
                deed,
            }),
        }
    }
    let demands = (!demands.is_empty()).then_some(Refusing::Demands(demands));
    (fixes, demands)
}

/// What is to be said of the packs' own exemptions once they are over.
fn ends(packs: &[Pack], drafts: &[Draft<'_>]) -> Vec<(Until, Problem)> {
    let sheets: Vec<_> = packs
        .iter()
        .map(|pack| Sheet::new(&pack.file, &pack.text))
        .collect();
    let of_draft = |draft: &Draft<'_>| {
        let sheet = sheets.get(draft.pack)?;
        let end = |exemption: &Excepted| {
            let until = &exemption.until;
            let what = overrides::over(&until.value, &exemption.reason);
            let hint = Some("remove it, or give it a later end".to_owned());
            let problem = Problem {
                severity: Severity::Warning,
                at: draft.id.as_ref().to_owned(),
                ..sheet.problem(Some(until.position), what, hint)
            };
            (until.value.clone(), problem)
        };
        let ends: Vec<_> = draft.rule.exemptions.iter().map(end).collect();
        Some(ends)
    };
    drafts.iter().filter_map(of_draft).flatten().collect()
}

fn summary(context: &Context<'_>, draft: &Draft<'_>, file: Arc<str>) -> RuleSummary {
    let rule = draft.rule;
    let words = || match (&rule.verb, &rule.when) {
        (Verb::Deny { .. }, Some(when)) => format!("Denied where `{}`.", when.value),
        (Verb::Sunset { what, on }, _) => {
            let name = match what {
                Retired::Field(field) => field.value.as_str(),
                Retired::Parameter(_, name) => &name.value,
            };
            format!("`{name}` is refused after {}.", on.value)
        }
        _ => {
            let sentences: Vec<_> = draft
                .deeds
                .iter()
                .map(|(path, deed)| deed.sentence(path.as_str()))
                .collect();
            sentences.join(" ")
        }
    };
    RuleSummary {
        id: draft.id.clone(),
        file,
        line: rule.id.position.line,
        when: rule.when.as_ref().map(|when| when.value.clone()),
        verb: rule.verb.name(),
        mode: draft.mode,
        description: rule
            .description
            .clone()
            .or_else(|| rule.message.clone())
            .unwrap_or_else(words),
        exemptions: overrides::exemptions(context, &draft.id, rule)
            .into_iter()
            .map(|exempt| ExemptionSummary {
                callers: exempt.callers,
                until: exempt.until,
                note: exempt.note,
            })
            .collect(),
    }
}
