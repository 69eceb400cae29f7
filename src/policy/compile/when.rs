//! The expressions of rules, compiled for each operation that a rule is for.

use std::sync::Arc;

use super::super::expression::{Constant, Environment, Expression, Mistake};
use super::super::pack::Rule;
use super::super::sheet::Sheet;
use super::Context;

/// The operations among those given that have all that the rule's expression reads, with the expression as compiled for each.
/// Where it fits none of them, what is wrong with it is noted.
pub(super) fn compiled(
    sheet: &mut Sheet<'_>,
    rule: &Rule,
    context: &Context<'_>,
    operations: Vec<usize>,
) -> Vec<(usize, Option<Arc<Expression>>)> {
    let Some(text) = &rule.when else {
        return operations.into_iter().map(|index| (index, None)).collect();
    };
    let names: Vec<_> = context
        .operations
        .iter()
        .map(|known| known.operation.name)
        .collect();
    let mut fitting = Vec::new();
    let mut first: Option<Vec<Mistake>> = None;
    for index in operations {
        let Some(known) = context.operations.get(index) else {
            continue;
        };
        let environment = Environment {
            operation: known.operation.name,
            operations: &names,
            fields: known.fields,
            parameters: known.parameters,
        };
        match Expression::compile(&text.value, &environment) {
            Ok(expression) => fitting.push((index, Some(Arc::new(expression)))),
            Err(mistakes) => {
                first.get_or_insert(mistakes);
            }
        }
    }
    if fitting.is_empty() {
        for mistake in first.into_iter().flatten() {
            sheet.note_within(text, mistake.offset, mistake.what, mistake.hint);
        }
    }
    constant(sheet, rule, &fitting);
    fitting
}

/// Notes an expression that says the same of every request, whatever the operation.
fn constant(sheet: &mut Sheet<'_>, rule: &Rule, fitting: &[(usize, Option<Arc<Expression>>)]) {
    let verdicts = || {
        fitting
            .iter()
            .filter_map(|(_, expression)| Some(expression.as_ref()?.verdict()))
    };
    let all = |wanted: Constant| {
        verdicts().next().is_some() && verdicts().all(|verdict| verdict == wanted)
    };
    let position = rule.when.as_ref().map(|text| text.position);
    if all(Constant::Never) {
        let hint = Some("the API allows no such request: drop the rule".to_owned());
        sheet.note(
            position,
            "`when` is never true, so the rule is never asked",
            hint,
        );
    } else if all(Constant::Always) {
        let hint = Some("leave it out".to_owned());
        sheet.note(position, "`when` is always true", hint);
    }
}
