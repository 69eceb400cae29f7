//! What the request's body and the one that would be sent differ in, line by line.

use std::time::Duration;

use maud::{Markup, html};
use similar::{ChangeTag, TextDiff};

use crate::admin::console::parts::pretty;
use crate::explain::{Asked, Explanation};

/// Lines that are shown around one that differs.
const AROUND: usize = 8;
/// Lines that are shown at most.
const MOST: usize = 2000;
/// How long a good way to tell the two apart is looked for; then a simple one does.
const PATIENCE: Duration = Duration::from_millis(200);

/// The body as it came and as it would go. Nothing where nothing would go.
pub(super) fn section(asked: &Asked, explanation: &Explanation) -> Markup {
    let Some(forwarded) = &explanation.forwarded else {
        return html! {};
    };
    let (before, after) = (pretty(&asked.body), pretty(&forwarded.body));
    html! {
        section aria-labelledby="sent" {
            h2 #sent { "What would go upstream" }
            p { code { (forwarded.method) " " (forwarded.target) } }
            @if before == after { p.quiet { "The body is what came in." } }
            pre.diff tabindex="0" { @for (class, sign, line) in lines(&before, &after) {
                span.(class) { (sign) " " (line) "\n" }
            } }
        }
    }
}

/// Each line with its class and its sign: those that differ, and some around them.
fn lines<'t>(before: &'t str, after: &'t str) -> Vec<(&'static str, &'static str, &'t str)> {
    let difference = TextDiff::configure()
        .timeout(PATIENCE)
        .diff_lines(before, after);
    let mut lines = Vec::new();
    for (index, group) in difference.grouped_ops(AROUND).iter().enumerate() {
        if index > 0 {
            lines.push(("quiet", " ", "…"));
        }
        for change in group.iter().flat_map(|one| difference.iter_changes(one)) {
            let (class, sign) = match change.tag() {
                ChangeTag::Delete => ("gone", "-"),
                ChangeTag::Insert => ("new", "+"),
                ChangeTag::Equal => ("same", " "),
            };
            lines.push((class, sign, change.value().trim_end_matches('\n')));
        }
        if lines.len() > MOST {
            lines.truncate(MOST);
            lines.push(("quiet", " ", "… and more"));
            break;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_bodies_that_differ_everywhere_take_no_minute() {
        let body = |digit: char| {
            (0..20_000)
                .map(|line| format!("{line} {digit}"))
                .collect::<Vec<_>>()
                .join("\n")
        };
        let told = lines(&body('a'), &body('b')).len();
        assert_eq!(told, MOST + 1);
    }

    #[test]
    fn lines_that_differ_have_a_sign() {
        let (before, after) = (pretty(br#"{"a":1,"b":2}"#), pretty(br#"{"a":1,"b":3}"#));
        let told: Vec<String> = lines(&before, &after)
            .into_iter()
            .map(|(_, sign, line)| format!("{sign}{line}"))
            .collect();
        assert_eq!(
            told,
            [" {", "   \"a\": 1,", "-  \"b\": 2", "+  \"b\": 3", " }"]
        );
        assert_eq!(
            pretty(b"no json"),
            "no json",
            "what is no JSON is left as it is"
        );
    }
}
