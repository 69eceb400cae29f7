//! Packs to a [`RuleSet`]: every rule is held against the fields of the operations it is for, and against the others.
//!
//! A rule is for every operation that its `match` includes *and* that has its field; it is a mistake if there is none.
//! All mistakes of all packs are returned at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::field::Field;
use crate::model::finding::Mode;
use crate::model::operation::OperationRef;
use crate::model::problem::Problem;

use super::field_path::FieldPath;
use super::pack::{Pack, Rule};
use super::rule::{Deed, Head, LENGTH, Step, deeds};
use super::rule_set::{OperationRules, RuleSet, RuleSummary, digest};
use super::scope::glob_matches;
use super::sheet::{Sheet, suggestion};

mod conflict;
mod fit;

/// An operation with a body, and the fields of that body.
#[derive(Debug, Clone, Copy)]
pub struct OperationFields<'c> {
    /// The operation.
    pub operation: OperationRef,
    /// Every field that its body may have, items of lists written `*`.
    pub fields: &'c [Field],
}

impl<'c> OperationFields<'c> {
    fn field(&self, path: &FieldPath) -> Option<&'c Field> {
        self.fields
            .iter()
            .find(|field| field.pointer == path.as_str())
    }
}

/// What packs are compiled against.
#[derive(Debug, Clone, Copy)]
pub struct Context<'c> {
    /// Every operation that rules may be for.
    pub operations: &'c [OperationFields<'c>],
    /// Modes from the configuration that replace those of the packs, by `pack/rule`.
    pub modes: &'c BTreeMap<String, Mode>,
}

/// A rule on its way to being compiled.
struct Draft<'p> {
    /// Index of its pack.
    pack: usize,
    rule: &'p Rule,
    id: Arc<str>,
    mode: Mode,
    deeds: Vec<(FieldPath, Deed)>,
    /// Indices of the operations it is for.
    operations: Vec<usize>,
}

/// Compiles packs, the earlier before the later. Problems of the modes have `configuration` for a file and `policy.modes.pack/rule`
/// for a place; it is for the caller to know where they were written.
pub fn compile(packs: &[Pack], context: &Context<'_>) -> Result<RuleSet, Vec<Problem>> {
    let mut sheets: Vec<_> = packs
        .iter()
        .map(|pack| Sheet::new(&pack.file, &pack.text))
        .collect();
    let mut drafts: Vec<Draft<'_>> = Vec::new();
    let mut ids: BTreeMap<Arc<str>, usize> = BTreeMap::new();
    for (index, (pack, sheet)) in packs.iter().zip(&mut sheets).enumerate() {
        for rule in &pack.rules {
            let id: Arc<str> = format!("{}/{}", pack.name.value, rule.id.value).into();
            id.as_ref().clone_into(&mut sheet.at);
            if let Some(earlier) = ids.insert(id.clone(), index) {
                let place = packs.get(earlier).map_or("", |pack| &pack.file);
                let what = format!("the rule id `{id}` is used twice, first in {place}");
                sheet.note(Some(rule.id.position), what, None);
            }
            let operations = placed(sheet, rule, context);
            let mode = context.modes.get(&*id).copied().unwrap_or(rule.mode);
            drafts.push(Draft {
                pack: index,
                rule,
                id,
                mode,
                deeds: deeds(&rule.verb),
                operations,
            });
        }
    }
    conflict::note(&drafts, &mut sheets);
    let mut problems = Vec::new();
    for sheet in sheets {
        let mut of_pack = sheet.into_problems();
        of_pack.sort_by_key(|problem| problem.position);
        of_pack.dedup();
        problems.extend(of_pack);
    }
    problems.extend(unknown_overrides(context, &ids));
    if problems.is_empty() {
        Ok(built(packs, context, drafts))
    } else {
        Err(problems)
    }
}

/// The operations that a rule is for; notes what does not fit them.
fn placed(sheet: &mut Sheet<'_>, rule: &Rule, context: &Context<'_>) -> Vec<usize> {
    let names = || context.operations.iter().map(|known| known.operation.name);
    for glob in &rule.scope.operations {
        if !names().any(|name| glob_matches(&glob.value, name)) {
            let hint = suggestion(&glob.value, names());
            let what = format!("no operation is called `{}`", glob.value);
            sheet.note(Some(glob.position), what, hint);
        }
    }
    let matched: Vec<_> = context
        .operations
        .iter()
        .enumerate()
        .filter(|(_, known)| rule.scope.includes(known.operation))
        .collect();
    let has_one = |known: &OperationFields<'_>| {
        deeds(&rule.verb)
            .iter()
            .any(|(path, _)| known.field(path).is_some())
    };
    let operations: Vec<usize> = matched
        .iter()
        .filter(|(_, known)| has_one(known))
        .map(|(index, _)| *index)
        .collect();
    if operations.is_empty() && !matched.is_empty() {
        let written = rule.verb.field();
        let (name, position) = written.map_or((LENGTH, rule.id.position), |field| {
            (field.value.as_str(), field.position)
        });
        let fields = matched.iter().flat_map(|(_, known)| known.fields);
        let hint = suggestion(name, fields.map(|field| field.pointer.as_str()));
        let what = format!("no operation that the rule is for has a field `{name}`");
        sheet.note(Some(position), what, hint);
    }
    fit::note_form(sheet, &rule.verb);
    for (_, known) in matched {
        let field = rule
            .verb
            .field()
            .and_then(|field| known.field(&field.value));
        if let Some(field) = field {
            fit::note(sheet, &rule.verb, field);
        }
    }
    operations
}

fn unknown_overrides<'a>(
    context: &'a Context<'_>,
    ids: &'a BTreeMap<Arc<str>, usize>,
) -> impl Iterator<Item = Problem> + 'a {
    context
        .modes
        .keys()
        .filter(|id| !ids.contains_key(id.as_str()))
        .map(|id| Problem {
            file: "configuration".to_owned(),
            position: None,
            at: format!("policy.modes.{id}"),
            line: String::new(),
            what: format!("no pack has a rule `{id}`"),
            hint: suggestion(id, ids.keys().map(|known| &**known)),
        })
}

fn built(packs: &[Pack], context: &Context<'_>, drafts: Vec<Draft<'_>>) -> RuleSet {
    let modes = context.modes.iter().map(|(id, mode)| (id.as_str(), *mode));
    let mut set = RuleSet {
        digest: digest(packs, modes),
        rules: drafts.iter().map(summary).collect(),
        operations: Vec::with_capacity(context.operations.len()),
    };
    set.operations
        .extend(context.operations.iter().map(|known| OperationRules {
            operation: known.operation,
            fixes: Vec::new(),
            demands: Vec::new(),
        }));
    for draft in drafts {
        let head = Arc::new(Head {
            id: draft.id,
            verb: draft.rule.verb.name(),
            mode: draft.mode,
            message: draft.rule.message.clone(),
            callers: draft.rule.scope.callers.clone(),
        });
        for index in draft.operations {
            let (Some(known), Some(rules)) =
                (context.operations.get(index), set.operations.get_mut(index))
            else {
                continue;
            };
            for (path, deed) in &draft.deeds {
                let Some(field) = known.field(path) else {
                    continue;
                };
                let (head, path, default) = (head.clone(), path.clone(), field.default.clone());
                match deed.clone() {
                    Deed::Fix(deed) => rules.fixes.push(Step {
                        head,
                        path,
                        default,
                        deed,
                    }),
                    Deed::Demand(deed) => rules.demands.push(Step {
                        head,
                        path,
                        default,
                        deed,
                    }),
                }
            }
        }
    }
    set
}

fn summary(draft: &Draft<'_>) -> RuleSummary {
    let words = || {
        let sentences: Vec<_> = draft
            .deeds
            .iter()
            .map(|(path, deed)| deed.sentence(path.as_str()))
            .collect();
        sentences.join(" ")
    };
    let rule = draft.rule;
    RuleSummary {
        id: draft.id.clone(),
        verb: rule.verb.name(),
        mode: draft.mode,
        description: rule
            .description
            .clone()
            .or_else(|| rule.message.clone())
            .unwrap_or_else(words),
    }
}

#[cfg(test)]
mod tests;
