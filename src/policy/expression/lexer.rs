//! Takes the text of an expression apart into words, as the CEL specification spells them.

use super::literal_text;
use super::mistake::Mistake;
use super::token::{Span, Symbol, Token, Word};

/// All words of a text, the last one [`Word::End`]; or every mistake in its words.
pub(super) fn words(text: &str) -> Result<Vec<Token>, Vec<Mistake>> {
    let mut lexer = Lexer {
        text,
        at: 0,
        mistakes: Vec::new(),
    };
    let mut words = Vec::new();
    loop {
        lexer.skip_space();
        let start = lexer.at;
        let word = lexer.word();
        let end = lexer.at;
        let last = word == Word::End;
        words.push(Token {
            word,
            span: Span { start, end },
        });
        if last {
            break;
        }
    }
    if lexer.mistakes.is_empty() {
        Ok(words)
    } else {
        Err(lexer.mistakes)
    }
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    mistakes: Vec<Mistake>,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_space(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start_matches([' ', '\t', '\n', '\r', '\x0c']);
            self.at += rest.len() - trimmed.len();
            if !trimmed.starts_with("//") {
                return;
            }
            self.at += trimmed.find('\n').unwrap_or(trimmed.len());
        }
    }

    fn word(&mut self) -> Word {
        let start = self.at;
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            return Word::End;
        };
        if let Some(found) = literal_text::read(rest) {
            self.at += found.length;
            for (offset, what) in found.mistakes {
                self.mistakes.push(Mistake::new(start + offset, what));
            }
            return Word::Text(found.text.into());
        }
        if first.is_ascii_alphabetic() || first == '_' {
            let length = rest
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            self.at += length;
            return Word::Name;
        }
        let second = rest.as_bytes().get(1);
        if first.is_ascii_digit() || first == '.' && second.is_some_and(u8::is_ascii_digit) {
            return self.number(start);
        }
        for symbol in Symbol::ALL {
            if rest.starts_with(symbol.written()) {
                self.at += symbol.written().len();
                return Word::Symbol(*symbol);
            }
        }
        self.at += first.len_utf8();
        let mistake = Mistake::new(
            start,
            format!("`{}` has no meaning here", first.escape_debug()),
        );
        self.mistakes.push(match first {
            '=' => mistake.hint("write `==` to compare"),
            '&' => mistake.hint("write `&&` for and"),
            '|' => mistake.hint("write `||` for or"),
            '“' | '”' | '„' | '‘' | '’' => mistake.hint("write a plain quotation mark"),
            _ => mistake,
        });
        // A word that fits anywhere; the mistake is noted already.
        Word::Name
    }

    fn number(&mut self, start: usize) -> Word {
        let rest = self.rest();
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let hexadecimal = rest
            .strip_prefix("0x")
            .or_else(|| rest.strip_prefix("0X"))
            .map(|hex| hex.bytes().take_while(u8::is_ascii_hexdigit).count());
        let mut length;
        let mut whole = true;
        if let Some(hex) = hexadecimal {
            length = 2 + hex;
        } else {
            length = digits(rest);
            let after = |length: usize| rest.get(length..).unwrap_or_default();
            if let Some(fraction) = after(length).strip_prefix('.').map(digits)
                && fraction > 0
            {
                length += 1 + fraction;
                whole = false;
            }
            if let Some(exponent) = after(length).strip_prefix(['e', 'E']) {
                let sign = usize::from(exponent.starts_with(['+', '-']));
                let exponent = digits(exponent.get(sign..).unwrap_or_default());
                if exponent > 0 {
                    length += 1 + sign + exponent;
                    whole = false;
                }
            }
        }
        let written = rest.get(..length).unwrap_or_default();
        self.at += length;
        let tail = self.rest();
        if tail.starts_with(['u', 'U']) {
            self.at += 1;
            self.mistakes.push(
                Mistake::new(start, "unsigned numbers are not supported").hint("leave out the `u`"),
            );
            return Word::Int(0);
        }
        if tail.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
            let length = tail
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(tail.len());
            self.at += length;
            self.mistakes
                .push(Mistake::new(start, "a number does not go on with letters"));
            return Word::Int(0);
        }
        if !whole {
            return match written.parse::<f64>() {
                Ok(number) if number.is_finite() => Word::Double(number),
                _ => self.too_large(start),
            };
        }
        let number = match hexadecimal {
            Some(_) => u64::from_str_radix(written.get(2..).unwrap_or_default(), 16),
            None => written.parse(),
        };
        match number {
            // The magnitude of the smallest number is one more than that of the largest; the parser sees the sign.
            Ok(number) if number <= 1 << 63 => Word::Int(number),
            _ => self.too_large(start),
        }
    }

    fn too_large(&mut self, start: usize) -> Word {
        let what = "the number is not one of 64 bits, or has no digits";
        self.mistakes.push(Mistake::new(start, what));
        Word::Int(0)
    }
}
