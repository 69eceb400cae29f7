//! Texts as CEL writes them: in single, double or triple quotation marks, with escapes or raw.

/// A text that was read.
pub(super) struct Found {
    /// Bytes that it takes, with its marks.
    pub(super) length: usize,
    /// Its meaning.
    pub(super) text: String,
    /// What is wrong in it, with the offset from its beginning.
    pub(super) mistakes: Vec<(usize, String)>,
}

/// Reads the text that stands at the beginning, if one does.
pub(super) fn read(rest: &str) -> Option<Found> {
    let prefix = rest
        .bytes()
        .take(2)
        .take_while(|b| matches!(b, b'r' | b'R' | b'b' | b'B'))
        .count();
    let (letters, body) = rest.split_at_checked(prefix)?;
    if !body.starts_with(['"', '\'']) {
        return None;
    }
    let mark = ["\"\"\"", "'''", "\"", "'"]
        .into_iter()
        .find(|mark| body.starts_with(mark))?;
    let mut reader = Reader {
        rest,
        at: prefix + mark.len(),
        raw: letters.contains(['r', 'R']),
        text: String::new(),
        mistakes: Vec::new(),
    };
    if letters.contains(['b', 'B']) {
        reader
            .mistakes
            .push((0, "bytes are not supported".to_owned()));
    }
    reader.run(mark);
    Some(Found {
        length: reader.at,
        text: reader.text,
        mistakes: reader.mistakes,
    })
}

struct Reader<'t> {
    rest: &'t str,
    at: usize,
    raw: bool,
    text: String,
    mistakes: Vec<(usize, String)>,
}

impl Reader<'_> {
    fn run(&mut self, mark: &str) {
        loop {
            let rest = self.rest.get(self.at..).unwrap_or_default();
            if rest.starts_with(mark) {
                self.at += mark.len();
                return;
            }
            let Some(next) = rest.chars().next() else {
                self.mistakes
                    .push((0, format!("the text is not closed with `{mark}`")));
                return;
            };
            if mark.len() == 1 && matches!(next, '\n' | '\r') {
                let what = format!("the text is not closed with `{mark}` on its line");
                self.mistakes.push((0, what));
                return;
            }
            if next == '\\' && !self.raw {
                self.escape(rest);
            } else {
                self.at += next.len_utf8();
                self.text.push(next);
            }
        }
    }

    /// One escape, at the beginning of `rest`.
    fn escape(&mut self, rest: &str) {
        let start = self.at;
        let letter = rest.chars().nth(1).unwrap_or(' ');
        self.at += 1 + if rest.len() > 1 { letter.len_utf8() } else { 0 };
        let (skip, digits, radix) = match letter {
            'x' | 'X' => (2, 2, 16),
            'u' => (2, 4, 16),
            'U' => (2, 8, 16),
            '0'..='3' => (1, 3, 8),
            _ => {
                match simple(letter) {
                    Some(meaning) => self.text.push(meaning),
                    None => self.wrong(start, "there is no such escape; `\\\\` is a backslash"),
                }
                return;
            }
        };
        let code = rest
            .get(skip..skip + digits)
            .filter(|code| code.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|code| u32::from_str_radix(code, radix).ok())
            .and_then(char::from_u32);
        match code {
            Some(c) => {
                self.at = start + skip + digits;
                self.text.push(c);
            }
            None => self.wrong(start, "the escape is no character"),
        }
    }

    fn wrong(&mut self, at: usize, what: &str) {
        self.mistakes.push((at, what.to_owned()));
    }
}

const fn simple(letter: char) -> Option<char> {
    Some(match letter {
        'a' => '\x07',
        'b' => '\x08',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        '\\' | '?' | '"' | '\'' | '`' => letter,
        _ => return None,
    })
}
