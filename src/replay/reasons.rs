//! Which rules refused or warned then, and which would now; without those that cannot be decided.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::blind::Blind;
use super::flip::{FlipKind, Said};
use super::recorded::{Recorded, Then};
use crate::model::decision::Outcome;
use crate::model::finding::Mode;
use crate::model::record::shortened;
use crate::policy::{Effects, MAX_FINDINGS};

/// What was said on both sides.
#[derive(Debug)]
pub(super) struct Reasons {
    then: Side,
    now: Side,
    /// The log lists so many findings at most. Where they are all of rules that cannot be decided, those behind them are unknown.
    unknown: bool,
}

#[derive(Debug, Default)]
struct Side {
    said: Vec<Said>,
    denying: BTreeSet<Arc<str>>,
}

impl Side {
    /// What the caller is warned of: rule and place.
    fn warnings(&self) -> BTreeSet<(&str, &str)> {
        let warnings = self.said.iter().filter(|said| said.mode == Mode::Warn);
        warnings.map(Said::key).collect()
    }
}

impl Said {
    fn key(&self) -> (&str, &str) {
        (&self.rule, &self.pointer)
    }
}

impl Reasons {
    pub(super) fn of(line: &Recorded<'_>, effects: &Effects, blind: &Blind<'_>) -> Self {
        let (mut then, mut now) = (Side::default(), Side::default());
        let mut listed = 0;
        for found in &line.receipt.findings {
            let Some(rule) = found.rule.as_deref() else {
                continue;
            };
            listed += usize::from(found.mode == Mode::Enforce);
            if found.mode == Mode::Audit || blind.includes(rule) {
                continue;
            }
            let rule: Arc<str> = shortened(rule).into();
            if found.mode == Mode::Enforce {
                then.denying.insert(Arc::clone(&rule));
            }
            then.said.push(Said {
                rule,
                pointer: found.pointer.chars().take(MAX_POINTER).collect(),
                message: found.message.chars().take(MAX_MESSAGE).collect(),
                mode: found.mode,
            });
        }
        for found in &effects.findings {
            let Some(rule) = &found.rule else { continue };
            if found.mode != Mode::Audit && !blind.includes(rule) {
                now.said.push(Said {
                    rule: Arc::clone(rule),
                    pointer: found.pointer.chars().take(MAX_POINTER).collect(),
                    message: found.message.chars().take(MAX_MESSAGE).collect(),
                    mode: found.mode,
                });
            }
        }
        // Not out of the findings: of these, only so many are listed.
        for decision in effects.decisions.iter().flatten() {
            if decision.outcome == Outcome::Denied && !blind.includes(&decision.rule) {
                now.denying.insert(Arc::clone(&decision.rule));
            }
        }
        let unknown =
            line.then() == Then::Denied && then.denying.is_empty() && listed >= MAX_FINDINGS;
        Self { then, now, unknown }
    }

    pub(super) fn then_allowed(&self) -> bool {
        self.then.denying.is_empty()
    }

    pub(super) fn now_allowed(&self) -> bool {
        self.now.denying.is_empty()
    }

    /// What became different, if anything did.
    pub(super) fn kind(&self, body_changed: bool) -> Option<FlipKind> {
        if self.unknown {
            return None;
        }
        let warnings_changed = || self.then.warnings() != self.now.warnings();
        match (self.then_allowed(), self.now_allowed()) {
            (true, false) => Some(FlipKind::AllowedToDenied),
            (false, true) => Some(FlipKind::DeniedToAllowed),
            (false, false) => {
                (self.then.denying != self.now.denying).then_some(FlipKind::ReasonsChanged)
            }
            (true, true) if body_changed => Some(FlipKind::BodyChanged),
            (true, true) => warnings_changed().then_some(FlipKind::WarningsChanged),
        }
    }

    /// The rules that make it so.
    pub(super) fn rules(&self, kind: FlipKind) -> BTreeSet<Arc<str>> {
        let (then, now) = (&self.then, &self.now);
        match kind {
            FlipKind::AllowedToDenied => now.denying.clone(),
            FlipKind::DeniedToAllowed => then.denying.clone(),
            FlipKind::ReasonsChanged => then
                .denying
                .symmetric_difference(&now.denying)
                .cloned()
                .collect(),
            FlipKind::BodyChanged | FlipKind::WarningsChanged => {
                let (old, new) = (then.warnings(), now.warnings());
                let only = old.symmetric_difference(&new);
                only.map(|(rule, _)| Arc::from(*rule)).collect()
            }
        }
    }

    /// What is said on one side only: then, and now.
    pub(super) fn into_said(self) -> (Vec<Said>, Vec<Said>) {
        let key = |said: &Said| (said.rule.clone(), said.pointer.clone());
        let of = |side: &Side| side.said.iter().map(key).collect::<BTreeSet<_>>();
        let (then, now) = (of(&self.then), of(&self.now));
        let only = |side: Side, other: &BTreeSet<_>| {
            let said = side.said.into_iter();
            said.filter(|said| !other.contains(&key(said))).collect()
        };
        (only(self.then, &now), only(self.now, &then))
    }
}

/// Characters of a pointer and of a message that are kept; those of the gateway's own findings are shorter.
const MAX_POINTER: usize = 256;
const MAX_MESSAGE: usize = 512;
