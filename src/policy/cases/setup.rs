//! What the cases of a file are decided under: the part of a configuration that is about policy.

use std::collections::BTreeMap;

use crate::model::finding::Mode;

use super::super::binding::Binding;
use super::super::exemption::Exemption;

/// Packs, and what a configuration would say of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Setup {
    /// The folders of the packs that apply, in this order.
    pub packs: Vec<String>,
    /// Other modes for single rules, by `pack/rule`.
    pub modes: BTreeMap<String, Mode>,
    /// Other modes for some callers.
    pub bindings: Vec<Binding>,
    /// Exemptions from rules.
    pub exemptions: Vec<Exemption>,
}
