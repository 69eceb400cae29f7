//! Any text as a configuration.
//!
//! Nothing panics or takes a second. Either it is a configuration, or there are mistakes to tell, not more than the text has
//! bytes, none of them long. No mistake shows what a reference brought in, and nothing shows a secret of a configuration that is
//! good. Files are not read.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use meeting_gateway::config::{self, Config};
use meeting_gateway::model::problem::Problem;
use meeting_gateway::model::yaml_lines;

use super::ground;

const LIMIT: Duration = Duration::from_secs(1);
/// What a missing or wrong section costs even an empty text.
const AT_LEAST: usize = 64;
const LONGEST: usize = 2_000;
const SECRET: &str = "hush-7f3a9c";

static ENVIRONMENT: LazyLock<BTreeMap<String, String>> =
    LazyLock::new(|| BTreeMap::from([("SECRET".to_owned(), SECRET.to_owned())]));

/// See above.
pub fn holds(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    if text.contains("file") || text.contains(SECRET) {
        return;
    }
    match ground::within(LIMIT, || parsed(text)) {
        Ok(config) => assert_eq!(config.digest.len(), 16),
        Err(problems) => are_presentable(&problems, text),
    }
}

fn parsed(text: &str) -> Result<Config, Vec<Problem>> {
    config::parse(text, "gateway.yaml", Path::new("."), &ENVIRONMENT, &[])
}

fn are_presentable(problems: &[Problem], text: &str) {
    assert!(!problems.is_empty(), "no configuration, and nothing said");
    assert!(
        problems.len() <= AT_LEAST + text.len(),
        "{}",
        problems.len()
    );
    let lines = yaml_lines::lines(text).count().max(1);
    for problem in problems {
        let Problem {
            line, what, hint, ..
        } = problem;
        assert!(!what.is_empty(), "{problem}");
        assert!(line.chars().count() <= LONGEST && what.chars().count() <= text.len() + LONGEST);
        if let Some(position) = problem.position {
            assert!((1..=lines + 1).contains(&position.line), "{problem}");
        }
        let shown = [line, what, hint.as_ref().unwrap_or(what), &problem.at];
        assert!(!shown.iter().any(|text| text.contains(SECRET)), "{problem}");
    }
}
