//! The expressions of rules, compiled for each operation that a rule is for.

use std::sync::Arc;

use super::super::expression::{Constant, Environment, Expression, Mistake};
use super::super::pack::Rule;
use super::super::sheet::Sheet;
use super::Context;

/// The operations among those given that have all that the rule's expression reads, with the expression as compiled for each.
/// What is wrong with it is noted, unless it is only that some of them lack what it reads.
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
    let (mut lacking, mut wrong): (Option<Vec<Mistake>>, _) = (None, None);
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
        match Expression::compile_with(&text.value, &environment, &sheet.patterns) {
            Ok(expression) => fitting.push((index, Some(Arc::new(expression)))),
            Err(mistakes) if mistakes.iter().any(|mistake| mistake.lacking) => {
                lacking.get_or_insert(mistakes);
            }
            Err(mistakes) => {
                wrong.get_or_insert((mistakes, known.operation.name));
            }
        }
    }
    // Only what an operation does not have keeps a rule from it. Anything else must not go unsaid, or the rule would silently
    // not hold there.
    if let Some((mistakes, operation)) = wrong {
        let one_of_several = !fitting.is_empty();
        for Mistake {
            offset, what, hint, ..
        } in mistakes
        {
            let what = if one_of_several {
                format!("for `{operation}`: {what}")
            } else {
                what
            };
            sheet.note_within(text, offset, what, hint);
        }
    } else if fitting.is_empty() {
        for mistake in lacking.into_iter().flatten() {
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
