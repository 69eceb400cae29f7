//! The `policy` section of a configuration by itself, for commands that try packs: where they run, the gateway's secrets and
//! files are not, and nothing else in the file matters.

use crate::config::kind::{Kind, section as nested};
use crate::config::policy::Policy;
use crate::config::reader::Place;
use crate::config::reference::Missing;
use crate::config::section::section;
use crate::config::{Source, read_file, sections_alone, unreadable};
use crate::model::problem::Problem;

section! {
    /// The only section that is looked at.
    pub(in crate::config) struct Alone {
        /// Which policy packs apply, in which order, and how sharply.
        policy: Policy = nested(),
    }
}

/// Reads the `policy` section of a configuration file, or says everything that is wrong with it. Overrides count; references are
/// followed in this section alone.
///
/// # Errors
///
/// A file that cannot be read or is no YAML, and every mistake in the section.
pub fn load_policy(source: Source<'_>) -> Result<Policy, Vec<Problem>> {
    let name = source.path.display().to_string();
    let text = read_file(source.path).map_err(|why| vec![unreadable(&name, &why)])?;
    let (root, mut reader) =
        sections_alone::read((&text, &name), source, &["policy"], Missing::Problem)?;
    let place = Place {
        node: &root,
        at: "",
    };
    let alone = nested::<Alone>().read(place, &mut reader);
    reader.finish()?;
    // A reader that gives up has noted why, so there is a policy where there are no problems.
    alone.map(|alone| alone.policy).ok_or_else(Vec::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn load(text: &str) -> Result<Policy, Vec<Problem>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gateway.yaml");
        std::fs::write(&path, text).unwrap();
        let environment = BTreeMap::from([("MEETING_GATEWAY__ADMIN__PORT".into(), "1".into())]);
        load_policy(Source {
            path: &path,
            environment: &environment,
            overrides: &[("policy.modes.house/a".into(), "warn".into())],
        })
    }

    #[test]
    fn nothing_but_the_section_is_looked_at() {
        let policy = load(
            "upstream: {credentials: {fixed_token: '${env.NOT_HERE}'}}\nlistners: 7\npolicy: {packs: [house]}\n",
        )
        .unwrap();
        assert_eq!(
            (&*policy.packs, policy.modes.len()),
            (&["house".to_owned()][..], 1)
        );

        let problems = load("policy: {pack: [house], directory: '${env.NOT_HERE}'}\n").unwrap_err();
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(load("policy: [\n").is_err());
    }
}
