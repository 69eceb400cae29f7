//! A curl command line: the request that curl would send, as far as the command line says it.
//!
//! What curl adds by itself (`Host`, `Accept: */*`, its own `User-Agent`) is not added; the `Content-Type` that comes with a
//! body is, since the gateway looks at it. Options that concern the connection or the output are skipped; those whose effect
//! is in a file or made later are refused, as is what would be more than one request.

mod command;
mod options;

use std::str;

use super::shell::{self, Word};
use super::{Format, SavedRequest, Unreadable};
use command::Command;
use options::Meaning;

/// Longest part of an unknown option that is shown.
const MAX_SHOWN: usize = 40;

pub(super) fn read(text: &str) -> Result<SavedRequest, Unreadable> {
    let words = shell::words(text)?;
    let (program, arguments) = words
        .split_first()
        .ok_or_else(|| Unreadable::new(Format::Curl, "it is empty"))?;
    if !is_curl(&program.bytes) {
        return Err(
            Unreadable::new(Format::Curl, "the command does not begin with `curl`")
                .hint("leave out what stands before it")
                .at(text.as_bytes(), program.start),
        );
    }
    let mut reader = Reader {
        text,
        arguments: arguments.iter(),
        command: Command::default(),
    };
    reader.read()?;
    reader.command.request(text)
}

/// Whether a program's path is curl's.
pub(super) fn is_curl(path: &[u8]) -> bool {
    path.rsplit(|byte| *byte == b'/').next() == Some(b"curl")
}

struct Reader<'a> {
    text: &'a str,
    arguments: std::slice::Iter<'a, Word>,
    command: Command,
}

impl<'a> Reader<'a> {
    fn read(&mut self) -> Result<(), Unreadable> {
        let mut options_ended = false;
        while let Some(word) = self.arguments.next() {
            match word.bytes.as_slice() {
                b"--" if !options_ended => options_ended = true,
                [b'-', b'-', long @ ..] if !options_ended => self.long(word, long)?,
                [b'-', short @ ..] if !options_ended && !short.is_empty() => {
                    self.short(word, short)?;
                }
                url => {
                    let applied = self.command.apply(Meaning::Url, url, word.start);
                    self.placed(applied, "the URL", word)?;
                }
            }
        }
        Ok(())
    }

    fn long(&mut self, word: &'a Word, option: &'a [u8]) -> Result<(), Unreadable> {
        // curl itself takes no `--name=value`; what is meant is plain.
        let mut parts = option.splitn(2, |byte| *byte == b'=');
        let name = str::from_utf8(parts.next().unwrap_or_default()).unwrap_or_default();
        let attached = parts.next();
        let Some(meaning) = options::long(name) else {
            return Err(self.unknown(word, name));
        };
        let shown = format!("`--{name}`");
        if takes_argument(meaning) {
            let argument = match attached {
                Some(argument) => (argument, word),
                None => self.next_argument(word, &shown)?,
            };
            self.apply(meaning, &shown, argument)
        } else if attached.is_some() {
            Err(self.at(word, format!("{shown} takes no value")))
        } else {
            self.apply(meaning, &shown, (b"", word))
        }
    }

    /// One letter or several together, the last of which may have its value attached.
    fn short(&mut self, word: &'a Word, letters: &'a [u8]) -> Result<(), Unreadable> {
        for (index, letter) in letters.iter().enumerate() {
            let letter = char::from(*letter);
            let shown = format!("`-{letter}`");
            let Some(meaning) = options::short(letter) else {
                let what = if letter.is_ascii_graphic() {
                    format!("unknown option {shown}")
                } else {
                    "unknown option".to_owned()
                };
                return Err(self.at(word, what));
            };
            if takes_argument(meaning) {
                let attached = letters.get(index + 1..).unwrap_or_default();
                let argument = if attached.is_empty() {
                    self.next_argument(word, &shown)?
                } else {
                    (attached, word)
                };
                return self.apply(meaning, &shown, argument);
            }
            self.apply(meaning, &shown, (b"", word))?;
        }
        Ok(())
    }

    fn next_argument(
        &mut self,
        word: &Word,
        shown: &str,
    ) -> Result<(&'a [u8], &'a Word), Unreadable> {
        match self.arguments.next() {
            Some(argument) => Ok((&argument.bytes, argument)),
            None => Err(self
                .at(word, format!("{shown} needs a value, and the command ends"))
                .hint("copy the whole command")),
        }
    }

    fn apply(
        &mut self,
        meaning: Meaning,
        shown: &str,
        (argument, word): (&[u8], &Word),
    ) -> Result<(), Unreadable> {
        let applied = self.command.apply(meaning, argument, word.start);
        self.placed(applied, shown, word)
    }

    fn placed(
        &self,
        applied: Result<(), command::Fault>,
        shown: &str,
        word: &Word,
    ) -> Result<(), Unreadable> {
        applied.map_err(|(what, hint)| {
            let fault = self.at(word, format!("{shown}: {what}"));
            match hint {
                "" => fault,
                hint => fault.hint(hint),
            }
        })
    }

    fn unknown(&self, word: &Word, name: &str) -> Unreadable {
        let shown: String = name
            .chars()
            .take_while(char::is_ascii_graphic)
            .take(MAX_SHOWN)
            .collect();
        let fault = self.at(word, format!("unknown option `--{shown}`"));
        match crate::model::problem::nearest(&shown, options::names()) {
            Some(near) => fault.hint(format!("did you mean `--{near}`?")),
            None => fault.hint("leave it out if it does not change the request"),
        }
    }

    fn at(&self, word: &Word, what: impl Into<String>) -> Unreadable {
        Unreadable::new(Format::Curl, what).at(self.text.as_bytes(), word.start)
    }
}

const fn takes_argument(meaning: Meaning) -> bool {
    !matches!(
        meaning,
        Meaning::Flag
            | Meaning::Get
            | Meaning::Head
            | Meaning::GlobOff
            | Meaning::PathAsIs
            | Meaning::Refused(..)
    )
}
