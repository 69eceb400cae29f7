//! Keeps the table of operations in `config/README.md` that of the registry.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use meeting_gateway::contract::Contract;
use meeting_gateway::model::operation::Family;

/// Around the table.
const MARKS: [&str; 2] = ["<!-- operations: generated -->\n", "<!-- /operations -->"];
/// Set, to write the table anew instead of comparing it.
const UPDATE: &str = "UPDATE_README";

fn treatment(family: Family) -> &'static str {
    match family {
        Family::Scheduling | Family::SubMeeting | Family::Cancel => "schema, policy",
        Family::Read => "query checked, answer redacted",
        Family::Authentication(_) => "answered by the gateway",
        Family::Relayed => "refused, or relayed if allowed",
    }
}

fn table() -> String {
    let mut table =
        "| operation | method and path | family | risk | treatment |\n|---|---|---|---|---|\n"
            .to_owned();
    for operation in Contract::builtin().unwrap().operations() {
        let _ = writeln!(
            table,
            "| `{}` | {} `{}` | {} | {} | {} |",
            operation.name,
            operation.method,
            operation.template,
            operation.family.name(),
            operation.risk.name(),
            treatment(operation.family),
        );
    }
    table
}

#[test]
fn the_table_is_that_of_the_registry() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/README.md");
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(MARKS[0]).unwrap();
    let (written, after) = rest.split_once(MARKS[1]).unwrap();
    let table = table();
    if std::env::var_os(UPDATE).is_some() {
        let whole = format!("{before}{}{table}{}{after}", MARKS[0], MARKS[1]);
        fs::write(&path, whole).unwrap();
    } else {
        assert_eq!(written, table, "run again with {UPDATE}=1");
    }
}
