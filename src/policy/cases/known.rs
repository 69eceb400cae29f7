//! What a case file may name: packs, their rules, operations.

use std::sync::Arc;

use crate::model::problem::Position;

use super::super::binding;
use super::super::sheet::{Sheet, suggestion};

/// A pack that lies beside the case file's own.
#[derive(Debug, Clone)]
pub struct KnownPack {
    /// The name of its folder.
    pub folder: String,
    /// Its rules, as `pack/rule`; `None` where the pack cannot be read, so that nobody can say what it has.
    pub rules: Option<Vec<Arc<str>>>,
}

/// Where a case file lies.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'s> {
    /// The folder of the pack that it belongs to.
    pub pack: &'s str,
    /// Every pack that it may name.
    pub packs: &'s [KnownPack],
    /// The operations that it may name.
    pub operations: &'s [&'s str],
}

/// The rules that a file may name, once it is known which packs it is about.
#[derive(Debug)]
pub(super) struct Rules<'s> {
    /// The packs, in order; `None` for one that cannot be read or does not exist.
    packs: Vec<(&'s str, Option<&'s [Arc<str>]>)>,
}

impl<'s> Rules<'s> {
    pub(super) fn of(folders: &'s [String], surroundings: &Surroundings<'s>) -> Self {
        let rules = |folder: &str| {
            let mut all = surroundings.packs.iter();
            all.find(|pack| pack.folder == folder)?.rules.as_deref()
        };
        let packs = folders.iter().map(|folder| (&**folder, rules(folder)));
        Self {
            packs: packs.collect(),
        }
    }

    /// A rule as `pack/rule`; one without a pack is of the first. An unknown one is noted.
    pub(super) fn named(
        &self,
        sheet: &mut Sheet<'_>,
        written: &str,
        position: Position,
    ) -> Option<String> {
        let full = if written.contains('/') {
            written.to_owned()
        } else {
            let (folder, rules) = self.packs.first()?;
            let same = |id: &&Arc<str>| id.rsplit('/').next() == Some(written);
            let known = rules.and_then(|rules| rules.iter().find(same));
            known.map_or_else(|| format!("{folder}/{written}"), ToString::to_string)
        };
        self.exists(sheet, &full, position).then_some(full)
    }

    /// Whether `pack/rule`, or `pack/*`, names a rule; if not, that is noted.
    pub(super) fn exists(&self, sheet: &mut Sheet<'_>, id: &str, position: Position) -> bool {
        let known = || self.packs.iter().filter_map(|(_, rules)| *rules).flatten();
        // Of a pack that cannot be read nobody knows what it is called, but for those that can.
        let of_a_known_pack = || {
            let (pack, _) = id.split_once('/').unwrap_or_default();
            known().any(|rule| rule.split_once('/').is_some_and(|(own, _)| own == pack))
        };
        let all_are_known = self.packs.iter().all(|(_, rules)| rules.is_some());
        let is_known = known().any(|rule| binding::names(id, rule));
        if is_known || !(all_are_known || of_a_known_pack()) {
            return true;
        }
        let what = format!("no rule of these packs is called `{id}`");
        let hint = suggestion(id, known().map(|rule| &**rule));
        sheet.note(Some(position), what, hint);
        false
    }
}
