//! The order of the stages, which types alone cannot fix: as entered, as named in the code, and as told in the README.

use std::path::Path;

use meeting_gateway::model::stage::Stage;
use opentelemetry::trace::SpanKind;

use crate::support::TestGateway;
use crate::support::request::{Asking, documented};

fn names(stages: &[Stage]) -> Vec<String> {
    stages.iter().map(|stage| stage.name().to_owned()).collect()
}

/// The first column of the table under "The path of a request", where it holds a name in backticks.
fn in_readme(readme: &str) -> Vec<String> {
    let (_, section) = readme
        .split_once("The path of a request\n")
        .expect("README.md has a section `The path of a request`");
    let section = section.split("\n#").next().unwrap_or_default();
    let first = section
        .lines()
        .filter_map(|line| line.strip_prefix('|')?.split('|').next());
    first
        .filter_map(|cell| cell.trim().strip_prefix('`')?.strip_suffix('`'))
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_readme_names_every_stage_in_order() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    assert_eq!(in_readme(&readme), names(&Stage::ALL));
}

#[test]
fn a_table_is_read_as_people_read_it() {
    let text = "# X\n\n| `no` |\n\n## The path of a request\n\n| stage | what |\n|---|---|\n| `accept` | `x` |\n| `trace` | y |\n\n## Next\n| `no` |\n";
    assert_eq!(in_readme(text), ["accept", "trace"]);
}

#[tokio::test]
async fn a_request_enters_every_stage_in_order() {
    let gateway = TestGateway::over_loopback(&[]).await;
    assert_eq!(
        gateway
            .send(Asking::update().json(&documented()))
            .await
            .status,
        200
    );
    let spans = gateway.spans();
    let server = spans
        .iter()
        .find(|span| span.span_kind == SpanKind::Server)
        .unwrap();
    let all = names(&Stage::ALL);
    let entered: Vec<String> = server
        .events
        .iter()
        .map(|event| event.name.to_string())
        .filter(|name| all.contains(name))
        .collect();
    // Accept and trace lie before the record in which entries are noted.
    assert_eq!(entered, all[2..]);
}
