//! Where in a file a place inside a text of it is. The text of a YAML scalar is not what stands in the file: there are quotes,
//! escapes, indentation and folded lines between its characters.

use crate::model::problem::Position;
use crate::model::yaml_lines;

/// The place of the character at byte `offset` of `text`, a scalar that begins at `start`, where `file` goes on from.
///
/// Both are walked side by side. Where they part (an escape nobody expected), the last place that was sure is given.
pub(super) fn position_in(file: &str, start: Position, text: &str, offset: usize) -> Position {
    let mut walk = Walk {
        rest: file,
        position: start,
        quote: None,
    };
    walk.opening(text);
    let wanted = text.get(..offset).unwrap_or(text);
    for expected in wanted.chars() {
        if !walk.follow(expected) {
            break;
        }
    }
    walk.skip_to(text.get(offset..).and_then(|rest| rest.chars().next()));
    walk.position
}

struct Walk<'f> {
    rest: &'f str,
    position: Position,
    quote: Option<char>,
}

impl Walk<'_> {
    /// Steps over a quote, or over the head of a block (`|`, `>-`) and its indentation.
    fn opening(&mut self, text: &str) {
        match self.rest.chars().next() {
            Some(quote @ ('"' | '\'')) if !text.starts_with(quote) || self.closes(quote) => {
                self.quote = Some(quote);
                self.step();
            }
            Some('|' | '>') => {
                while self
                    .rest
                    .chars()
                    .next()
                    .is_some_and(|c| !yaml_lines::is_break(c))
                {
                    self.step();
                }
            }
            _ => {}
        }
    }

    /// Whether the text in the file is one in quotes, though it begins with one itself.
    fn closes(&self, quote: char) -> bool {
        let line = yaml_lines::lines(self.rest).next().unwrap_or_default();
        line.chars().filter(|c| *c == quote).count() > 2
    }

    /// Goes to behind the next character of the text.
    fn follow(&mut self, expected: char) -> bool {
        self.skip_to(Some(expected));
        match self.rest.chars().next() {
            Some('\\') if self.quote == Some('"') => {
                self.step();
                self.step();
            }
            Some('\'') if self.quote == Some('\'') => {
                self.step();
                self.step();
            }
            Some(c) if c == expected => self.step(),
            // A folded line break is a space in the text, and white space of any length in the file.
            Some(c) if c.is_whitespace() && expected.is_whitespace() => self.step(),
            _ => return expected.is_whitespace(),
        }
        true
    }

    /// Skips white space of the file that is not in the text.
    fn skip_to(&mut self, next: Option<char>) {
        if next.is_some_and(char::is_whitespace) {
            return;
        }
        while self.rest.chars().next().is_some_and(char::is_whitespace) {
            self.step();
        }
    }

    fn step(&mut self) {
        let mut chars = self.rest.chars();
        match chars.next() {
            // The LF behind a CR is what begins the next line.
            Some(c)
                if yaml_lines::is_break(c) && !(c == '\r' && chars.as_str().starts_with('\n')) =>
            {
                self.position.line += 1;
                self.position.column = 1;
            }
            Some(_) => self.position.column += 1,
            None => {}
        }
        self.rest = chars.as_str();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::json::Value;
    use crate::policy::yaml::{Content, parse};

    /// Where the word `here` is, found by way of the parsed text, and by eye.
    fn found(file: &str) -> ((usize, usize), (usize, usize)) {
        let Content::Mapping(entries) = parse(file).unwrap().content else {
            panic!("a mapping")
        };
        let node = &entries[0].value;
        let Content::Scalar(Value::String(text)) = &node.content else {
            panic!("a text")
        };
        let behind = yaml_lines::starts(file)[node.position.line - 1] + node.position.column - 1;
        let offset = text.find("here").unwrap();
        let place = position_in(&file[behind..], node.position, text, offset);
        let by_eye = yaml_lines::lines(file)
            .enumerate()
            .find_map(|(line, text)| {
                let at = text.find("here")?;
                Some((line + 1, text[..at].chars().count() + 1))
            })
            .unwrap();
        ((place.line, place.column), by_eye)
    }

    #[test]
    fn a_place_in_a_scalar_is_a_place_in_the_file() {
        for (name, file) in [
            ("plain", "when: a == here\n"),
            ("plain, indented value", "when:\n  a == here\n"),
            ("plain over two lines", "when: a ==\n  here\n"),
            ("behind a CR", "# no LF\rwhen: a == here\r"),
            ("over two lines with CR", "when: a ==\r  here\r"),
            ("over two lines with CR LF", "when: a ==\r\n  here\r\n"),
            ("literal block with CR", "when: |\r  a == 1\r    && here\r"),
            ("single quotes", "when: 'a == here'\n"),
            ("a doubled quote", "when: 'a == ''x'' && here'\n"),
            ("double quotes", "when: \"a == here\"\n"),
            ("escapes", "when: \"a == \\\"x\\\" && here\"\n"),
            ("a text that begins with a quote", "when: '\"x\" == here'\n"),
            ("literal block", "when: |\n  a == 1\n    && here\n"),
            ("folded block", "when: >-\n  a == 1\n  && here\n"),
            ("more than ASCII", "when: a == \"é会\" && here\n"),
        ] {
            let (place, by_eye) = found(file);
            assert_eq!(place, by_eye, "{name}");
        }
    }
}
