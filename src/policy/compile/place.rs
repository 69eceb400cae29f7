//! The operations that a rule is for.

use crate::model::finding::Location;

use super::super::pack::Rule;
use super::super::rule::{LENGTH, deeds};
use super::super::scope::glob_matches;
use super::super::sheet::{Sheet, suggestion};
use super::super::verb::{Placed, Retired, Verb};
use super::{Context, OperationFields, fit};

/// Indices of the operations that a rule is for; notes what does not fit them.
pub(super) fn operations(sheet: &mut Sheet<'_>, rule: &Rule, context: &Context<'_>) -> Vec<usize> {
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
    if let Verb::Sunset {
        what: Retired::Parameter(location, name),
        ..
    } = &rule.verb
    {
        parameter(sheet, *location, name, context);
    }
    let operations: Vec<usize> = matched
        .iter()
        .filter(|(_, known)| has_what_it_is_about(rule, known))
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

fn has_what_it_is_about(rule: &Rule, known: &OperationFields<'_>) -> bool {
    match &rule.verb {
        Verb::Deny { field: Some(field) } => known.field(&field.value).is_some(),
        Verb::Deny { field: None }
        | Verb::Sunset {
            what: Retired::Parameter(..),
            ..
        } => true,
        verb => deeds(verb)
            .iter()
            .any(|(path, _)| known.field(path).is_some()),
    }
}

/// Notes a parameter that is not deprecated, and so cannot retire.
fn parameter(
    sheet: &mut Sheet<'_>,
    location: Location,
    name: &Placed<String>,
    context: &Context<'_>,
) {
    let of_kind = || {
        let all = context.deprecated.iter();
        all.filter(|(kind, _)| *kind == location)
            .map(|(_, name)| *name)
    };
    if of_kind().any(|known| known.eq_ignore_ascii_case(&name.value)) {
        return;
    }
    let kind = if location == Location::Header {
        "header"
    } else {
        "query parameter"
    };
    let hint = suggestion(&name.value, of_kind()).or_else(|| {
        let all: Vec<_> = of_kind().map(|name| format!("`{name}`")).collect();
        Some(format!("deprecated are {}", all.join(", ")))
    });
    let what = format!("no deprecated {kind} is called `{}`", name.value);
    sheet.note(Some(name.position), what, hint);
}
