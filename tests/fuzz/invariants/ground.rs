//! What several targets stand on: the contract that is built in, where the repository is, and the clock.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use meeting_gateway::contract::{BodyContract, Contract};
use meeting_gateway::model::field::Field;
use meeting_gateway::model::operation::OperationRef;
use meeting_gateway::model::problem::Problem;
use meeting_gateway::policy::{self, Context, OperationFields, Pack, RuleSet};

static CONTRACT: LazyLock<Contract> =
    LazyLock::new(|| Contract::builtin().expect("the contract that is built in"));

/// What is known of the API.
pub(super) fn contract() -> &'static Contract {
    &CONTRACT
}

/// An operation with a body.
pub(super) fn operation() -> (OperationRef, &'static BodyContract) {
    let mut all = CONTRACT.operations().iter();
    all.find_map(|known| Some((known, CONTRACT.body(known)?)))
        .expect("an operation with a body")
}

/// The fields of its body.
pub(super) fn fields() -> &'static [Field] {
    static FIELDS: LazyLock<Vec<Field>> = LazyLock::new(|| operation().1.fields());
    &FIELDS
}

/// Compiles a pack against the contract.
pub(super) fn compile(pack: Pack) -> Result<RuleSet, Vec<Problem>> {
    let operations = [OperationFields {
        operation: operation().0,
        fields: fields(),
        parameters: &["conferenceID"],
    }];
    policy::compile(&[pack], &Context::of(&operations))
}

/// The repository: the nearest folder above that has the packs.
pub(super) fn repository() -> PathBuf {
    let mut above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let found = above.find(|folder| folder.join("policies/baseline").is_dir());
    found.expect("the repository").to_owned()
}

/// Does something, and panics if it takes too long three times in a row: the machine may have other things to do.
#[expect(
    clippy::disallowed_methods,
    reason = "it is the real time that must not be taken"
)]
pub(super) fn within<T>(limit: Duration, mut what: impl FnMut() -> T) -> T {
    let mut took = Vec::new();
    loop {
        let start = Instant::now();
        let done = what();
        took.push(start.elapsed());
        if took.iter().any(|one| *one <= limit) {
            return done;
        }
        assert!(
            took.len() < 3,
            "it took {took:?}, and {limit:?} is the most"
        );
    }
}
