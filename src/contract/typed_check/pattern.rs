//! Patterns as tables: one step for each byte, without the set-up that a search by the regex engine begins with.

use std::sync::OnceLock;

use jsonschema::{PatternOptions, Validator};
use regex_automata::dfa::{Automaton as _, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;
use regex_automata::util::syntax;
use serde_json::{Value, json};

/// Bytes that the table of one pattern may take; the largest takes some tens of thousands.
const LARGEST: usize = 1 << 20;

/// A pattern of the schema files.
#[derive(Debug)]
pub(super) struct Pattern {
    text: Box<str>,
    table: dense::DFA<Vec<u32>>,
    start: StateID,
    /// What the schema engine makes of it, for texts beyond ASCII: there, classes such as `\s` are not those of this table.
    engine: OnceLock<Option<Validator>>,
}

impl Pattern {
    /// Makes the table; none where that cannot be done in bounds.
    pub(super) fn compile(text: &str) -> Option<Self> {
        let bounds = dense::Config::new()
            .dfa_size_limit(Some(LARGEST))
            .determinize_size_limit(Some(LARGEST));
        let table = dense::Builder::new()
            .configure(bounds)
            .syntax(syntax::Config::new().unicode(false).utf8(false))
            .thompson(thompson::Config::new().utf8(false))
            .build(text)
            .ok()?;
        let start = table.start_state(&start::Config::new()).ok()?;
        Some(Self {
            text: text.into(),
            table,
            start,
            engine: OnceLock::new(),
        })
    }

    /// Whether the pattern is somewhere in a text.
    pub(super) fn matches(&self, text: &str) -> bool {
        if !text.is_ascii() {
            return self.matches_beyond_ascii(text);
        }
        let mut state = self.start;
        for byte in text.bytes() {
            state = self.table.next_state(state, byte);
            if self.table.is_special_state(state) {
                if self.table.is_match_state(state) {
                    return true;
                }
                if self.table.is_dead_state(state) {
                    return false;
                }
            }
        }
        let end = self.table.next_eoi_state(state);
        self.table.is_match_state(end)
    }

    #[cold]
    fn matches_beyond_ascii(&self, text: &str) -> bool {
        let compile = || {
            let options = jsonschema::options()
                .offline()
                .with_pattern_options(PatternOptions::regex());
            options.build(&json!({ "pattern": self.text })).ok()
        };
        let engine = self.engine.get_or_init(compile).as_ref();
        engine.is_some_and(|engine| engine.is_valid(&Value::from(text)))
    }
}
