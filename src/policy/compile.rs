//! Packs to a [`RuleSet`]: every rule is held against the fields of the operations it is for, and against the others.
//!
//! A rule is for every operation that its `match` includes *and* that has its field, and all that its expression reads; it is
//! a mistake if there is none. All mistakes of all packs are returned at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::field::Field;
use crate::model::finding::{Location, Mode};
use crate::model::operation::OperationRef;
use crate::model::problem::Problem;

use super::binding::Binding;
use super::exemption::Exemption;
use super::expression::Expression;
use super::field_path::FieldPath;
use super::pack::{Pack, Rule};
use super::rule::{Deed, deeds};
use super::rule_set::RuleSet;
use super::sheet::Sheet;

mod build;
mod conflict;
mod effort;
mod fit;
mod overrides;
mod place;
mod shadow;
mod when;

/// An operation with a body, and the fields of that body.
#[derive(Debug, Clone, Copy)]
pub struct OperationFields<'c> {
    /// The operation.
    pub operation: OperationRef,
    /// Every field that its body may have, items of lists written `*`.
    pub fields: &'c [Field],
    /// The query parameters that it may have.
    pub parameters: &'c [&'c str],
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
    /// The deprecated parameters and headers of all operations.
    pub deprecated: &'c [(Location, &'c str)],
    /// Modes from the configuration that replace those of the packs, by `pack/rule`; `pack/*` stands for all rules of a pack.
    pub modes: &'c BTreeMap<String, Mode>,
    /// Modes for some callers; the first that names a rule and a caller counts, before `modes`.
    pub bindings: &'c [Binding],
    /// Exemptions from rules.
    pub exemptions: &'c [Exemption],
}

impl<'c> Context<'c> {
    /// Operations alone: the packs have the last word.
    pub const fn of(operations: &'c [OperationFields<'c>]) -> Self {
        static NO_MODES: BTreeMap<String, Mode> = BTreeMap::new();
        Self {
            operations,
            deprecated: &[],
            modes: &NO_MODES,
            bindings: &[],
            exemptions: &[],
        }
    }
}

/// A rule on its way to being compiled.
struct Draft<'p> {
    /// Index of its pack.
    pack: usize,
    rule: &'p Rule,
    id: Arc<str>,
    mode: Mode,
    /// Whether the configuration binds another mode to it for some, or exempts some.
    relaxed: bool,
    deeds: Vec<(FieldPath, Deed)>,
    /// Indices of the operations it is for, each with the rule's expression as compiled for it.
    operations: Vec<(usize, Option<Arc<Expression>>)>,
}

impl Draft<'_> {
    /// Whether it is for an operation that another one is for, too.
    fn shares_an_operation_with(&self, other: &Self) -> bool {
        let theirs = |index| other.operations.iter().any(|(other, _)| *other == index);
        self.operations.iter().any(|(index, _)| theirs(*index))
    }
}

/// Compiles packs, the earlier before the later. Problems of what the configuration says have `configuration` for a file and
/// `policy.modes.pack/rule` or the like for a place; it is for the caller to know where they were written.
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
            let placed = place::operations(sheet, rule, context);
            let operations = when::compiled(sheet, rule, context, placed);
            drafts.push(Draft {
                pack: index,
                rule,
                mode: overrides::mode(context.modes, &id).unwrap_or(rule.mode),
                relaxed: overrides::relaxed(context, &id),
                id,
                deeds: deeds(&rule.verb),
                operations,
            });
        }
    }
    let hidden = shadow::note(&drafts, &mut sheets);
    conflict::note(&drafts, &hidden, &mut sheets);
    let mut problems = Vec::new();
    for sheet in sheets {
        problems.extend(sheet.into_problems());
    }
    problems.extend(overrides::unknown(context, &ids));
    if problems.is_empty() {
        Ok(build::rule_set(packs, context, drafts))
    } else {
        Err(problems)
    }
}

#[cfg(test)]
mod tests;
