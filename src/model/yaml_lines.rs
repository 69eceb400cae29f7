//! The lines of a YAML text, as YAML counts them: each of CR LF, LF and CR ends one (YAML 1.2.2, section 5.4).
//!
//! [`str::lines`] does not know a CR by itself. With it, the positions that the parser tells would lie in other lines than those
//! that are shown, or behind the last.
//!
//! ```
//! use meeting_gateway::model::yaml_lines::lines;
//!
//! assert_eq!(lines("a: 1\rb: 2\r\nc: 3\n").collect::<Vec<_>>(), ["a: 1", "b: 2", "c: 3"]);
//! assert_ne!(lines("a: 1\rb: 2").count(), "a: 1\rb: 2".lines().count());
//! ```

use std::iter;

const BREAKS: [char; 2] = ['\r', '\n'];

/// The lines, without their breaks. Behind the last break there is no further line if nothing follows.
pub fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    iter::from_fn(move || {
        let (line, behind) = split_first(rest)?;
        rest = behind;
        Some(line)
    })
}

/// Where each line begins, in bytes. Unlike [`lines`], this knows the empty line behind the last break, too: a mistake may lie there.
pub fn starts(text: &str) -> Vec<usize> {
    let mut rest = text;
    let further = iter::from_fn(|| {
        let (line, behind) = split_first(rest)?;
        let ended = line.len() < rest.len();
        rest = behind;
        ended.then_some(text.len() - behind.len())
    });
    iter::once(0).chain(further).collect()
}

/// Whether a line ends here: before a CR or an LF. Of a CR LF, only the LF begins the next line.
pub(crate) const fn is_break(c: char) -> bool {
    matches!(c, '\r' | '\n')
}

/// The first line of what is not empty, and what stands behind its break.
fn split_first(text: &str) -> Option<(&str, &str)> {
    if text.is_empty() {
        return None;
    }
    let (line, broken) = text.split_at(text.find(BREAKS).unwrap_or(text.len()));
    let behind = broken.strip_prefix("\r\n");
    let behind = behind.or_else(|| broken.strip_prefix(BREAKS));
    Some((line, behind.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_kind_of_break_ends_a_line() {
        let cases: [(&str, &[&str], &[usize]); 9] = [
            ("", &[], &[0]),
            ("a", &["a"], &[0]),
            ("a\n", &["a"], &[0, 2]),
            ("a\rb", &["a", "b"], &[0, 2]),
            ("a\r\nb", &["a", "b"], &[0, 3]),
            ("a\r\rb", &["a", "", "b"], &[0, 2, 3]),
            ("a\n\rb", &["a", "", "b"], &[0, 2, 3]),
            ("\r\n\r", &["", ""], &[0, 2, 3]),
            ("é\u{85}\u{2028}\rb", &["é\u{85}\u{2028}", "b"], &[0, 8]),
        ];
        for (text, expected, begin) in cases {
            assert_eq!(lines(text).collect::<Vec<_>>(), expected, "{text:?}");
            assert_eq!(starts(text), begin, "{text:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Without a CR by itself, the lines are those that everybody counts.
        #[test]
        fn it_is_the_usual_but_for_a_cr_by_itself(text in "(a|é|\n|\r\n){0,20}") {
            prop_assert!(lines(&text).eq(text.lines()));
            prop_assert_eq!(starts(&text).len(), text.matches('\n').count() + 1);
        }
    }
}
