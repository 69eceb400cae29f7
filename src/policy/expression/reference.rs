//! The reference of expressions as Markdown, from the same tables that check and evaluate them.

use std::fmt::Write as _;

use super::function::Function;

/// The variables, with their types.
const VARIABLES: &[(&str, &str, &str)] = &[
    (
        "body.<field>",
        "as in the contract",
        "A field of the body, such as `body.confConfigInfo.isAutoMute`.",
    ),
    (
        "query.<parameter>",
        "string",
        "A parameter of the query that goes upstream. May be absent.",
    ),
    (
        "headers['user-agent']",
        "string",
        "A header: `accept-language`, `user-agent` or `x-request-id`, written in lower case. May be absent.",
    ),
    ("caller.id", "string", "The name of the caller."),
    ("caller.groups", "list(string)", "Its groups."),
    ("caller.scopes", "list(string)", "What it may see."),
    (
        "caller.claims",
        "map",
        "What else is known of it, by name; each may be absent, and its type is found when it is read. With a computed name, guard with `name in caller.claims`.",
    ),
    (
        "caller.address",
        "ip",
        "Where the request comes from. May be absent.",
    ),
    (
        "operation",
        "string",
        "The operation's name, known when the rule is loaded.",
    ),
    ("now", "timestamp", "When the request came."),
];

/// Operators and macros, from the weakest binding to the strongest.
const OPERATORS: &[(&str, &str)] = &[
    (
        "c ? a : b",
        "`a` where `c` is true, else `b`; both are of one type.",
    ),
    ("a || b", "One is true, even if the other has no value."),
    (
        "a && b",
        "Both are true; false if one is false, even if the other has no value.",
    ),
    ("== !=", "Equal or not: of one type, or both numbers."),
    (
        "< <= > >=",
        "Ordered: numbers, strings, timestamps, durations, bools.",
    ),
    ("x in list", "One of the items is equal to `x`."),
    (
        "'x' in caller.claims",
        "There is something of that name; also in `headers` and `query`.",
    ),
    (
        "+ -",
        "Numbers of one type, durations, timestamps with durations; `+` joins strings and lists.",
    ),
    ("* / %", "Numbers of one type; `%` whole ones only."),
    ("!a", "`a` is false."),
    ("-a", "The number or duration with the other sign."),
    ("a.b a['b']", "A member of an object."),
    (
        "list[0]",
        "An item. A list that is shorter is a failure: guard with `size(list) > 0` or with `has(list[0].member)`, which is false then.",
    ),
    (
        "has(a.b)",
        "The request has a value there that is not null; a default does not count.",
    ),
    ("list.all(x, c)", "`c` is true of every item `x`."),
    ("list.exists(x, c)", "`c` is true of an item."),
    ("list.exists_one(x, c)", "`c` is true of exactly one item."),
    ("list.filter(x, c)", "The items of which `c` is true."),
    ("list.map(x, e)", "`e` of every item."),
    (
        "list.map(x, c, e)",
        "`e` of the items of which `c` is true.",
    ),
    (
        "1 0x1f 1.5 'x' r'\\d' true null [1, 2]",
        "Literals. Strings are written as in CEL.",
    ),
];

/// Markdown tables of variables, operators and functions.
pub fn reference() -> String {
    let mut out = String::new();
    row(&mut out, &["variable", "type", "meaning"]);
    row(&mut out, &["---"; 3]);
    for (name, kind, meaning) in VARIABLES {
        row(&mut out, &[&code(name), kind, meaning]);
    }
    out.push('\n');
    row(&mut out, &["operator or macro", "meaning"]);
    row(&mut out, &["---"; 2]);
    for (written, meaning) in OPERATORS {
        row(&mut out, &[&code(written), meaning]);
    }
    out.push('\n');
    row(&mut out, &["function", "result", "example"]);
    row(&mut out, &["---"; 3]);
    for function in Function::all() {
        let (signature, example) = (code(&function.signature()), code(function.example));
        row(&mut out, &[&signature, function.doc, &example]);
    }
    out
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn row(out: &mut String, cells: &[&str]) {
    out.push('|');
    for cell in cells {
        // Writing to a String cannot fail.
        let _ = write!(out, " {} |", cell.replace('|', "\\|"));
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::expression::check::VARIABLES as KNOWN;
    use crate::policy::expression::syntax::Quantifier;

    #[test]
    fn everything_is_in_it() {
        let reference = reference();
        for name in KNOWN {
            assert!(reference.contains(&format!("| `{name}")), "{name}");
        }
        for quantifier in Quantifier::ALL {
            let written = format!("| `list.{}(x, ", quantifier.name());
            assert!(reference.contains(&written), "{written}");
        }
        for function in Function::all() {
            assert!(reference.contains(&function.signature()));
        }
        let cells: Vec<usize> = reference
            .lines()
            .filter(|line| !line.is_empty())
            .map(|line| line.replace("\\|", "").matches('|').count())
            .collect();
        assert!(cells.iter().all(|cells| *cells == 3 || *cells == 4));
    }
}
