//! Whether the cases of a text hold, without a file.

use std::sync::Arc;

use super::test::Test;
use crate::explain::Explainer;
use crate::model::problem::Problem;
use crate::policy::cases::{self, KnownPack, Surroundings};

/// Runs the cases of a text that is to be one of a pack's files, under what an explainer explains under, whatever the text says of that.
/// Not to be called within an asynchronous runtime.
///
/// # Errors
///
/// What is wrong with the text, or why a case of it fails, in words.
pub fn holds(text: &str, pack: &str, explainer: &Arc<Explainer>) -> Result<(), String> {
    let snapshot = explainer.snapshot();
    let known = snapshot.rules.packs().iter().map(|pack| {
        let rules = snapshot.rules.rules_of(&pack.name);
        KnownPack {
            folder: pack.name.to_string(),
            rules: Some(rules.map(|rule| Arc::clone(&rule.id)).collect()),
        }
    });
    let known: Vec<KnownPack> = known.collect();
    let operations = snapshot.contract.governed_names();
    let surroundings = Surroundings {
        pack,
        packs: &known,
        operations: &operations,
    };
    let first = |problems: Vec<Problem>| problems.into_iter().next().map(|first| first.what);
    let file = cases::read("case", text, &surroundings)
        .map_err(|problems| first(problems).unwrap_or_default())?;
    for case in file.cases {
        let test = Test::new(pack, "case", "case", case, Arc::clone(explainer));
        if let Some(failure) = test.run().failure {
            let mut members: Vec<_> = failure.differences.iter().map(|one| one.member).collect();
            members.dedup();
            return Err(format!(
                "its {} would be another",
                members.join(" and its ")
            ));
        }
    }
    Ok(())
}
