//! Words of one command, as a POSIX shell makes them of its text, with the `$'...'` of bash, which browsers write.
//!
//! Only text is taken: whatever a shell would fill in, run or redirect is refused, since its result is not in the text.
//! Deliberately kinder than a shell: a prompt `$ ` before the command is skipped, a line may end in CRLF, `*` and `?` stand for
//! themselves (an unquoted URL has them), and two `\u` escapes of a surrogate pair make one character, as browsers mean them.

use super::shell_escape;
use super::{Format, Unreadable};

/// Words that a command may have.
const MAX_WORDS: usize = 1000;

/// One word, quotes removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// Its bytes; not always UTF-8, since `$'\xff'` can make any.
    pub(super) bytes: Vec<u8>,
    /// The byte of the text at which it begins.
    pub(super) start: usize,
}

/// The words of the one command in a text.
pub(super) fn words(text: &str) -> Result<Vec<Word>, Unreadable> {
    let mut lexer = Lexer {
        text,
        at: 0,
        words: Vec::new(),
        word: None,
        ended: false,
    };
    while let Some(c) = lexer.bump() {
        lexer.unquoted(c)?;
    }
    lexer.close();
    Ok(lexer.words)
}

struct Lexer<'a> {
    text: &'a str,
    /// The byte that is read next.
    at: usize,
    words: Vec<Word>,
    /// The word being read.
    word: Option<Word>,
    /// Whether a line break has ended the command.
    ended: bool,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn close(&mut self) {
        self.words.extend(self.word.take());
    }

    /// Something at `start` belongs to the word being read, or begins one.
    fn open(&mut self, start: usize) -> Result<&mut Vec<u8>, Unreadable> {
        if self.word.is_none() {
            if self.ended {
                return Err(self
                    .refused(start, "a second command begins here")
                    .hint("keep one; where it belongs to the first, end the line before in `\\`"));
            }
            if self.words.len() >= MAX_WORDS {
                return Err(self.refused(start, format!("it has more than {MAX_WORDS} words")));
            }
        }
        let bytes = Vec::new();
        Ok(&mut self.word.get_or_insert(Word { bytes, start }).bytes)
    }

    fn push(&mut self, start: usize, c: char) -> Result<(), Unreadable> {
        let mut buffer = [0; 4];
        let encoded = c.encode_utf8(&mut buffer).as_bytes();
        self.open(start)?.extend_from_slice(encoded);
        Ok(())
    }

    fn refused(&self, at: usize, what: impl Into<String>) -> Unreadable {
        Unreadable::new(Format::Curl, what).at(self.text.as_bytes(), at)
    }

    /// Reads on behind an unquoted character.
    fn unquoted(&mut self, c: char) -> Result<(), Unreadable> {
        let start = self.at - c.len_utf8();
        match c {
            ' ' | '\t' => self.close(),
            '\r' if self.peek().is_none_or(|next| next == '\n') => self.close(),
            '\n' => {
                self.close();
                self.ended = !self.words.is_empty();
            }
            '#' if self.word.is_none() => {
                self.at += self.rest().find('\n').unwrap_or(self.rest().len());
            }
            '$' if self.words.is_empty() && self.word.is_none() && self.peek() == Some(' ') => {}
            '\\' => self.escaped(start)?,
            '\'' => self.single_quoted(start)?,
            '"' => self.double_quoted(start)?,
            '$' => match self.peek() {
                Some('\'') => {
                    self.at += 1;
                    self.ansi_c_quoted(start)?;
                }
                Some('"') => {
                    self.at += 1;
                    self.double_quoted(start)?;
                }
                _ => self.dollar(start)?,
            },
            '`' => return Err(self.substitution(start)),
            '&' => {
                return Err(self
                    .refused(start, "an unquoted `&` ends the command")
                    .hint("put the URL into single quotes"));
            }
            '|' | ';' | '<' | '>' | '(' | ')' => {
                return Err(self
                    .refused(start, format!("an unquoted `{c}` is for the shell, not for curl"))
                    .hint("leave out what is no part of the request, or put the argument into single quotes"));
            }
            '^' if self.rest().starts_with(['"', '\r', '\n']) => {
                return Err(self
                    .refused(start, "it is written for the command prompt of Windows")
                    .hint("copy it as cURL (bash)"));
            }
            '{' if self.braces_expand() => {
                return Err(self
                    .refused(start, "a shell makes several words of this unquoted `{`")
                    .hint("put the argument into single quotes"));
            }
            _ => self.push(start, c)?,
        }
        Ok(())
    }

    /// Whether bash would expand braces here; judged generously.
    fn braces_expand(&self) -> bool {
        let word = self.rest().split_ascii_whitespace().next();
        word.is_some_and(|word| word.contains(',') || word.contains(".."))
            && !self.rest().starts_with([' ', '\t', '\n', '}'])
    }

    /// Behind an unquoted backslash.
    fn escaped(&mut self, start: usize) -> Result<(), Unreadable> {
        if self.rest().starts_with("\r\n") {
            self.at += 2;
            return Ok(());
        }
        match self.bump() {
            Some('\n') => Ok(()),
            Some(c) => self.push(start, c),
            None => Err(self
                .refused(start, "it ends in a backslash, so a line is missing")
                .hint("copy the whole command")),
        }
    }

    fn single_quoted(&mut self, start: usize) -> Result<(), Unreadable> {
        let Some(length) = self.rest().find('\'') else {
            return Err(self.unclosed(start, "'"));
        };
        let (text, from) = (self.text, self.at);
        let inner = text.get(from..from + length).unwrap_or_default();
        self.open(start)?.extend_from_slice(inner.as_bytes());
        self.at += length + 1;
        Ok(())
    }

    fn double_quoted(&mut self, start: usize) -> Result<(), Unreadable> {
        self.open(start)?;
        loop {
            let at = self.at;
            match self.bump() {
                None => return Err(self.unclosed(start, "\"")),
                Some('"') => return Ok(()),
                Some('`') => return Err(self.substitution(at)),
                Some('$') => self.dollar(at)?,
                Some('\\') => match self.peek() {
                    Some('\n') => self.at += 1,
                    Some(c @ ('$' | '`' | '"' | '\\')) => {
                        self.at += 1;
                        self.push(at, c)?;
                    }
                    _ => self.push(at, '\\')?,
                },
                Some(c) => self.push(at, c)?,
            }
        }
    }

    fn ansi_c_quoted(&mut self, start: usize) -> Result<(), Unreadable> {
        self.open(start)?;
        loop {
            let at = self.at;
            match self.bump() {
                None => return Err(self.unclosed(start, "'")),
                Some('\'') => return Ok(()),
                Some('\\') => {
                    let (bytes, length) = shell_escape::read(self.rest()).map_err(|fault| {
                        self.refused(at, fault)
                            .hint("copy the command again, or write the character itself")
                    })?;
                    self.at += length;
                    self.open(start)?.extend_from_slice(&bytes);
                }
                Some(c) => self.push(at, c)?,
            }
        }
    }

    /// Behind a `$` that begins no quote.
    fn dollar(&mut self, start: usize) -> Result<(), Unreadable> {
        match self.peek() {
            Some('(') => Err(self.substitution(start)),
            Some(c) if c.is_ascii_alphanumeric() || "_{*@#?-$!".contains(c) => Err(self
                .refused(start, "a shell variable's value is not in the text")
                .hint("write the value in its place, or single quotes around a `$` that is meant")),
            _ => self.push(start, '$'),
        }
    }

    fn substitution(&self, at: usize) -> Unreadable {
        self.refused(at, "the output of another command is not in the text")
            .hint(
                "write the output in its place, or single quotes around characters that are meant",
            )
    }

    fn unclosed(&self, start: usize, quote: &str) -> Unreadable {
        self.refused(start, format!("this quote `{quote}` is never closed"))
            .hint("copy the whole command")
    }
}
