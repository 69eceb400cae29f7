//! Regular expressions of one pack: each is compiled once, and all together are bounded.
//!
//! The library bounds one pattern. A pack of a megabyte has room for ten thousand of them, which would be gigabytes; so each pattern
//! is charged what it was allowed to take, and a pack has so much to spend.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use regex::{Error, Regex, RegexBuilder};

/// What one pattern may take, in bytes of its compiled form: it is tried in these sizes.
const SIZES: [usize; 3] = [8 << 10, 64 << 10, 256 << 10];
/// What the patterns of a pack may take together: four thousand small ones, or a hundred large ones.
const ALL: usize = 32 << 20;
/// Brackets within brackets.
const NESTED: u32 = 32;

/// The patterns of one pack.
#[derive(Debug)]
pub(super) struct Patterns {
    left: Cell<usize>,
    known: RefCell<HashMap<String, Result<Regex, String>>>,
}

impl Default for Patterns {
    fn default() -> Self {
        Self {
            left: Cell::new(ALL),
            known: RefCell::default(),
        }
    }
}

impl Patterns {
    /// A pattern that is found anywhere in a text, or what is wrong with it.
    pub(super) fn anywhere(&self, written: &str) -> Result<Regex, String> {
        self.compiled(written)
    }

    /// A pattern that the whole text must match, or what is wrong with it.
    pub(super) fn whole(&self, written: &str) -> Result<Regex, String> {
        let anchored = format!(r"\A(?:{written})\z");
        if !self.known.borrow().contains_key(&anchored) {
            // It must stand by itself, or `a)|(b` would escape the anchors.
            well_formed(written)?;
        }
        self.compiled(&anchored)
    }

    fn compiled(&self, pattern: &str) -> Result<Regex, String> {
        if let Some(known) = self.known.borrow().get(pattern) {
            return known.clone();
        }
        let compiled = self.fresh(pattern);
        let known = compiled.clone();
        self.known.borrow_mut().insert(pattern.to_owned(), known);
        compiled
    }

    fn fresh(&self, pattern: &str) -> Result<Regex, String> {
        let mut too_large = "it is too large".to_owned();
        for size in SIZES {
            let Some(left) = self.left.get().checked_sub(size) else {
                "the patterns of the pack are too large together".clone_into(&mut too_large);
                break;
            };
            match builder(pattern, size).build() {
                Ok(regex) => {
                    self.left.set(left);
                    return Ok(regex);
                }
                Err(Error::CompiledTooBig(_)) => {}
                Err(error) => return Err(in_words(&error)),
            }
            // What was in vain has taken its time.
            if size == SIZES[SIZES.len() - 1] {
                self.left.set(left);
            }
        }
        Err(too_large)
    }
}

fn builder(pattern: &str, size: usize) -> RegexBuilder {
    let mut builder = RegexBuilder::new(pattern);
    builder
        .size_limit(size)
        .dfa_size_limit(SIZES[SIZES.len() - 1])
        .nest_limit(NESTED);
    builder
}

/// What is wrong with the grammar of a pattern. Without any size it is parsed, and nothing is made of it.
fn well_formed(pattern: &str) -> Result<(), String> {
    match builder(pattern, 0).build() {
        Ok(_) | Err(Error::CompiledTooBig(_)) => Ok(()),
        Err(error) => Err(in_words(&error)),
    }
}

/// The last line of the library's drawing is the mistake in words.
fn in_words(error: &Error) -> String {
    let drawing = error.to_string();
    let words = drawing.lines().last().unwrap_or_default();
    words.trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_stands_by_itself_and_matches_as_a_whole() {
        let patterns = Patterns::default();
        let whole = patterns.whole(r"PRJ-\d+|x").unwrap();
        assert!(whole.is_match("PRJ-1") && whole.is_match("x"));
        assert!(!whole.is_match("PRJ-1 ") && !whole.is_match("ax"));
        assert!(patterns.anywhere(r"\d").unwrap().is_match("a1b"));
        for (wrong, said) in [
            ("a)|(b", "unopened group"),
            ("a(", "unclosed group"),
            (r"\w{1000}", "it is too large"),
        ] {
            assert_eq!(patterns.whole(wrong).unwrap_err(), said, "{wrong}");
        }
        assert!(patterns.whole(&"(".repeat(200)).is_err());
    }

    #[test]
    fn the_patterns_of_a_pack_are_bounded_together() {
        let patterns = Patterns::default();
        let many = (0..).map(|n| patterns.anywhere(&format!("PRJ-{n}")));
        let fitting = many.take_while(Result::is_ok).count();
        assert_eq!(fitting, ALL / SIZES[0]);
        assert!(patterns.anywhere("PRJ-1").is_ok(), "it is known already");
        assert_eq!(
            patterns.anywhere("another").unwrap_err(),
            "the patterns of the pack are too large together"
        );
    }

    #[test]
    fn what_is_too_large_is_not_tried_for_ever() {
        let patterns = Patterns::default();
        let large = |n: usize| patterns.anywhere(&format!(r"\w{{500}}{n}")).unwrap_err();
        let said = (0..1_000)
            .map(large)
            .position(|said| said.contains("together"));
        assert_eq!(said, Some(ALL / SIZES[2]));
    }
}
