//! Any text as a pack: read as far as it can be read, and compiled as far as it was read.
//!
//! Nothing panics, nothing takes a second, and the mistakes that are told are bounded.

use std::time::Duration;

use meeting_gateway::model::problem::Problem;
use meeting_gateway::policy::pack;

use super::ground;

const LIMIT: Duration = Duration::from_secs(1);
/// A thousand are listed for each of the two steps, and one line says how many more there are.
const MOST: usize = 1_001;

/// See above.
pub fn holds(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let problems = ground::within(LIMIT, || loaded(text));
    for problem in problems {
        assert!(problem.line.len() <= 1_000, "{problem}");
        assert!(!problem.what.is_empty(), "{problem}");
    }
}

fn loaded(text: &str) -> Vec<Problem> {
    let (pack, mut problems) = pack::read_partly("pack.yaml", text);
    assert!(
        pack.is_some() || !problems.is_empty(),
        "no pack, and nothing said"
    );
    assert!(problems.len() <= MOST);
    if let Some(Err(more)) = pack.map(ground::compile) {
        assert!(!more.is_empty() && more.len() <= MOST);
        problems.extend(more);
    }
    problems
}
