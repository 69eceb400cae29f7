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
    /// It was refused, and by what cannot be decided as far as the log tells: nobody can say what would become of it.
    unknown: bool,
    /// The log lists so many refusing findings at most: there may have been more, of other rules.
    cut: bool,
    /// The same of what is said now; the rules are known here.
    now_cut: bool,
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
        let listed_now = effects.findings.iter();
        let listed_now = listed_now
            .filter(|found| found.mode == Mode::Enforce)
            .count();
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
        Self {
            unknown: line.then() == Then::Denied && then.denying.is_empty(),
            cut: listed >= MAX_FINDINGS,
            now_cut: listed_now >= MAX_FINDINGS,
            then,
            now,
        }
    }

    pub(super) fn then_allowed(&self) -> bool {
        self.then.denying.is_empty() && !self.unknown
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
            (false, false) => self
                .other_reasons()
                .next()
                .map(|_| FlipKind::ReasonsChanged),
            (true, true) if body_changed => Some(FlipKind::BodyChanged),
            (true, true) => warnings_changed().then_some(FlipKind::WarningsChanged),
        }
    }

    /// The rules that refuse on one side only, as far as the log tells.
    fn other_reasons(&self) -> impl Iterator<Item = &Arc<str>> {
        let (then, now) = (&self.then.denying, &self.now.denying);
        let newly = now.difference(then).filter(|_| !self.cut);
        then.difference(now).chain(newly)
    }

    /// The rules that make it so.
    pub(super) fn rules(&self, kind: FlipKind) -> BTreeSet<Arc<str>> {
        let (then, now) = (&self.then, &self.now);
        match kind {
            FlipKind::AllowedToDenied => now.denying.clone(),
            FlipKind::DeniedToAllowed => then.denying.clone(),
            FlipKind::ReasonsChanged => self.other_reasons().cloned().collect(),
            FlipKind::BodyChanged | FlipKind::WarningsChanged => {
                let (old, new) = (then.warnings(), now.warnings());
                let only = old.symmetric_difference(&new);
                only.map(|(rule, _)| Arc::from(*rule)).collect()
            }
        }
    }

    /// What is said on one side only: then, and now. Not what the other side may have said behind those that it lists.
    pub(super) fn into_said(self) -> (Vec<Said>, Vec<Said>) {
        let refuses = |said: &Said| said.mode == Mode::Enforce;
        let key = |said: &Said| (said.rule.clone(), said.pointer.clone());
        let of = |side: &Side| side.said.iter().map(key).collect::<BTreeSet<_>>();
        let (then, now) = (of(&self.then), of(&self.now));
        let still = |said: &Said| self.now_cut && self.now.denying.contains(&said.rule);
        let no_longer = self.then.said.into_iter();
        let no_longer = no_longer
            .filter(|said| !(now.contains(&key(said)) || refuses(said) && still(said)))
            .collect();
        let newly = self.now.said.into_iter();
        let newly = newly
            .filter(|said| !(then.contains(&key(said)) || refuses(said) && self.cut))
            .collect();
        (no_longer, newly)
    }
}

/// Characters of a pointer and of a message that are kept; those of the gateway's own findings are shorter.
const MAX_POINTER: usize = 256;
const MAX_MESSAGE: usize = 512;
