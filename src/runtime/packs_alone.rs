//! Snapshots of policy packs alone, with a configuration's defaults for everything else: what the cases of packs are decided
//! under.

use std::collections::BTreeMap;
use std::path::Path;

use super::generation::Lasting;
use super::snapshot::Snapshot;
use crate::config::{self, Config};
use crate::contract::Contract;
use crate::model::clock::SystemClock;
use crate::model::problem::Problem;
use crate::policy::cases::Setup;
use crate::policy::{Binding, Exemption};

/// What a configuration cannot do without. Nothing is ever sent there.
const LEAST: &str =
    "upstream: {url: 'https://api.meeting.invalid', credentials: {fixed_token: opens-nothing}}";

/// Compiles packs. Holds the contract, which is compiled once.
#[derive(Debug)]
pub struct PacksAlone {
    config: Config,
    lasting: Lasting,
}

impl PacksAlone {
    /// Compiles the contract: some milliseconds.
    ///
    /// # Errors
    ///
    /// Only if the built-in files are wrong, which the tests rule out.
    pub fn new() -> Result<Self, Vec<Problem>> {
        let config = config::parse(LEAST, "packs", Path::new("."), &BTreeMap::new(), &[])?;
        let lasting = Lasting::new(&config, SystemClock::shared())?;
        Ok(Self { config, lasting })
    }

    /// What is known of the API.
    pub fn contract(&self) -> &Contract {
        self.lasting.contract()
    }

    /// A snapshot of the packs in a directory. Problems of the setup have `configuration` for a file, as those of a configuration.
    pub fn compile(&self, directory: &Path, setup: &Setup) -> Result<Snapshot, Vec<Problem>> {
        let mut config = self.config.clone();
        config.policy = config::policy::Policy {
            directory: directory.to_owned(),
            packs: setup.packs.clone(),
            modes: setup.modes.clone(),
            bindings: setup.bindings.iter().map(binding).collect(),
            exemptions: setup.exemptions.iter().map(exemption).collect(),
        };
        self.lasting.compile(&config, 1, None)
    }
}

fn binding(binding: &Binding) -> config::policy::Binding {
    config::policy::Binding {
        callers: binding.callers.ids.clone(),
        groups: binding.callers.groups.clone(),
        modes: binding.modes.clone(),
    }
}

fn exemption(exemption: &Exemption) -> config::policy::Exemption {
    config::policy::Exemption {
        rules: exemption.rules.clone(),
        callers: exemption.callers.ids.clone(),
        groups: exemption.callers.groups.clone(),
        until: exemption.until.clone(),
        reason: exemption.reason.clone(),
    }
}
