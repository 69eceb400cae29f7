//! Keeps `policies/` true: its packs compile alone and together, the YAML in its READMEs is what it says it is, the tables of expressions
//! are those of the code.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use meeting_gateway::config::{self, Config};
use meeting_gateway::model::clock::SystemClock;
use meeting_gateway::model::problem::Problem;
use meeting_gateway::policy::expression_reference;
use meeting_gateway::policy_test::{PackSuite, Suite};
use meeting_gateway::runtime::generation::Lasting;

const PACKS: [&str; 6] = [
    "baseline",
    "example-enterprise",
    "healthcare-privacy",
    "cost-control",
    "china-overseas",
    "partial-changes",
];
/// Around the tables that the code writes.
const MARKS: [&str; 2] = [
    "<!-- expressions: generated -->\n",
    "<!-- /expressions -->\n",
];
/// Set, to write the tables anew instead of comparing them.
const UPDATE: &str = "UPDATE_README";

fn policies() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("policies")
}

fn read(name: &str) -> String {
    fs::read_to_string(policies().join(name)).unwrap()
}

/// What is wrong with packs in a directory under a `policy` section.
fn problems(directory: &Path, policy: &str) -> Vec<String> {
    let text = format!(
        "upstream: {{url: 'https://api.meeting.invalid', credentials: {{fixed_token: opens-nothing}}}}\n{policy}"
    );
    let place = directory.display().to_string();
    let set = [("policy.directory".to_owned(), place.clone())];
    let parsed = config::parse(&text, "gateway.yaml", directory, &BTreeMap::new(), &set);
    let compiled = parsed.and_then(|config: Config| {
        let lasting = Lasting::new(&config, SystemClock::shared())?;
        lasting.compile(&config, 1, None).map(|_| ())
    });
    let told = |problem: &Problem| problem.to_string().replace(&place, "policies");
    compiled.map_or_else(|all| all.iter().map(told).collect(), |()| Vec::new())
}

/// What is wrong with the text of one pack.
fn problems_of(pack: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let name = pack.strip_prefix("pack: ").and_then(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_lowercase())?;
        rest.get(..end)
    });
    let name = name.expect("a pack begins with its name");
    fs::create_dir(folder.path().join(name)).unwrap();
    fs::write(folder.path().join(name).join("pack.yaml"), pack).unwrap();
    problems(folder.path(), &format!("policy: {{packs: [{name}]}}\n"))
}

/// What is wrong with cases of a pack.
fn failures(pack: &str, cases: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let house = folder.path().join("house");
    fs::create_dir_all(house.join("cases")).unwrap();
    fs::write(house.join("pack.yaml"), pack).unwrap();
    fs::write(house.join("cases/length.yaml"), cases).unwrap();
    let suite = Suite::load(&[house]);
    let mut wrong: Vec<String> = suite.problems().iter().map(ToString::to_string).collect();
    let tests: Vec<_> = suite.packs().iter().flat_map(PackSuite::tests).collect();
    if tests.is_empty() {
        wrong.push("there are no cases".to_owned());
    }
    let failed = tests
        .iter()
        .filter_map(|test| Some((test.name(), test.run().failure?)));
    wrong.extend(failed.map(|(name, failure)| format!("{name}: {failure:?}")));
    wrong
}

/// The fenced blocks of a text, each with its language.
fn blocks(text: &str) -> Vec<(&str, String)> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let block = lines.by_ref().take_while(|line| *line != "```");
            found.push((language, block.flat_map(|line| [line, "\n"]).collect()));
        }
    }
    found
}

#[test]
fn packs_compile_alone_behind_baseline_and_all_together() {
    let alone = PACKS.map(str::to_owned);
    let behind = PACKS[1..].iter().map(|pack| format!("baseline, {pack}"));
    let mut all = PACKS.to_vec();
    let together = all.join(", ");
    all.reverse();
    let reversed = all.join(", ");
    for packs in alone.into_iter().chain(behind).chain([together, reversed]) {
        let found = problems(&policies(), &format!("policy: {{packs: [{packs}]}}\n"));
        assert_eq!(found, [""; 0], "{packs}");
    }
}

#[test]
fn every_pack_is_listed_and_every_rule_has_its_reason() {
    let reference = read("README.md");
    let mut folders: Vec<String> = fs::read_dir(policies())
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    folders.sort();
    let mut known = PACKS.map(str::to_owned);
    known.sort();
    assert_eq!(folders, known);
    for pack in PACKS {
        assert!(
            reference.contains(&format!("]({pack}/README.md)")),
            "{pack}"
        );
        let readme = read(&format!("{pack}/README.md"));
        let table: Vec<&str> = readme
            .lines()
            .filter(|line| line.starts_with("| `"))
            .collect();
        let text = read(&format!("{pack}/pack.yaml"));
        let rules: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("  - id: "))
            .collect();
        assert!(
            !rules.is_empty() || text.contains("\nmissing_fields: "),
            "{pack}"
        );
        for rule in rules {
            let cell = format!("`{rule}`");
            let first = |row: &&str| {
                row.split('|')
                    .nth(1)
                    .is_some_and(|first| first.contains(&cell))
            };
            assert_eq!(
                table.iter().copied().filter(|row| first(row)).count(),
                1,
                "{pack}: {rule}"
            );
        }
    }
}

/// A block is a pack, rules of one, a `policy` section, or cases; a pack that is said to be wrong has the mistakes of the text below it.
#[test]
fn the_yaml_in_the_readmes_is_what_it_says() {
    let files = PACKS.map(|pack| format!("{pack}/README.md"));
    let mut seen = 0;
    for file in files.iter().map(String::as_str).chain(["README.md"]) {
        let text = read(file);
        let blocks = blocks(&text);
        for (index, (language, block)) in blocks.iter().enumerate() {
            if *language != "yaml" {
                continue;
            }
            seen += 1;
            let (first, rest) = block.split_once('\n').unwrap();
            let (found, expected) = if first.starts_with("# wrong: ") {
                let told = blocks.get(index + 1).map(|(_, block)| block.lines());
                let told = told.into_iter().flatten().map(str::to_owned);
                (problems_of(rest), told.collect())
            } else if first.starts_with("# cases: ") {
                let (_, pack) = blocks
                    .iter()
                    .find(|(_, block)| block.starts_with("pack: "))
                    .unwrap();
                (failures(pack, rest), Vec::new())
            } else if first.starts_with("policy:") {
                (problems(&policies(), block), Vec::new())
            } else if first.starts_with("- ") {
                let rules = block.replace('\n', "\n  ");
                (
                    problems_of(&format!("pack: x\nrules:\n  {rules}")),
                    Vec::new(),
                )
            } else {
                (problems_of(block), Vec::<String>::new())
            };
            assert_eq!(found, expected, "{file}\n{block}\n{}", found.join("\n"));
        }
    }
    assert!(seen >= 9, "only {seen} blocks were found");
}

#[test]
fn the_tables_of_expressions_are_those_of_the_code() {
    let readme = read("README.md");
    let (before, rest) = readme.split_once(MARKS[0]).unwrap();
    let (told, after) = rest.split_once(MARKS[1]).unwrap();
    let real = format!("\n{}\n", expression_reference());
    if std::env::var_os(UPDATE).is_some() {
        let new = [before, MARKS[0], &real, MARKS[1], after].concat();
        fs::write(policies().join("README.md"), new).unwrap();
        return;
    }
    assert_eq!(
        told, real,
        "policies/README.md is behind the code: run `{UPDATE}=1 cargo test --test it packs`"
    );
}
