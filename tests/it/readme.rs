//! Keeps the README true: its tables are compared with the code, its `console` sessions are run.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use meeting_gateway::config;
use meeting_gateway::model::stage::Stage;

use crate::program::{program, told};
use crate::refusal_bodies::every_code_and_status;

fn readme() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap()
}

/// The cells of the table below a heading, without its head.
fn table(heading: &str) -> Vec<Vec<String>> {
    let readme = readme();
    let section = readme.split_once(&format!("\n## {heading}\n")).unwrap().1;
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with('|')).skip(2);
    rows.map(|row| {
        row.trim_matches('|')
            .split('|')
            .map(|cell| cell.trim().trim_matches('`').to_owned())
            .collect()
    })
    .collect()
}

#[test]
fn the_path_of_a_request_is_the_list_of_stages() {
    let told: Vec<String> = table("The path of a request")
        .iter()
        .map(|row| row[0].clone())
        .collect();
    assert_eq!(told, Stage::ALL.map(Stage::name));
}

#[test]
fn every_refusal_is_in_the_table_with_its_status() {
    let told: Vec<(String, String)> = table("Refusals")
        .iter()
        .map(|row| (row[0].clone(), row[1].clone()))
        .collect();
    let real: Vec<(String, String)> = every_code_and_status().collect();
    assert_eq!(told, real);
    // The list above is complete only if it has as many codes as the source.
    let source =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/model/refusal.rs"))
            .unwrap();
    let codes = source.matches("=> \"MGW.").count();
    assert_eq!(codes, real.len());
}

/// The fenced blocks of a language.
fn blocks(language: &str) -> Vec<String> {
    let readme = readme();
    let opening = format!("\n```{language}\n");
    let mut rest = readme.as_str();
    let mut found = Vec::new();
    while let Some((_, behind)) = rest.split_once(&opening) {
        let (block, behind) = behind.split_once("\n```").unwrap();
        found.push(format!("{block}\n"));
        rest = behind;
    }
    found
}

/// A text without how long something took, without digests, which change with every edit of a pack, and without issued keys.
fn without_what_varies(text: &str) -> String {
    let keys = regex::Regex::new(r"mgk_[0-9a-v]{59}").unwrap();
    let hashes = regex::Regex::new(r"\b[0-9a-f]{12}\b").unwrap();
    let text = keys.replace_all(text, "mgk_…");
    let text = hashes.replace_all(&text, "…");
    let times = regex::Regex::new(r" +\d+ µs").unwrap();
    let digests = regex::Regex::new(r"(policy|configuration) [0-9a-f]{16}").unwrap();
    let text = times.replace_all(&text, " … µs");
    digests.replace_all(&text, "$1 …").into_owned()
}

#[test]
fn the_sessions_are_as_told() {
    let folder = tempfile::tempdir().unwrap();
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    for pack in ["baseline", "example-enterprise"] {
        let name = format!("policies/{pack}/pack.yaml");
        write(&name, &fs::read_to_string(here.join(&name)).unwrap());
    }
    for block in [blocks("yaml"), blocks("http")].concat() {
        let (name, text) = block
            .strip_prefix("# file: ")
            .and_then(|block| block.split_once('\n'))
            .expect("a block says which file it is");
        write(name, text);
    }

    let sessions = blocks("console").concat();
    let mut commands = 0;
    for session in sessions.split("$ ").skip(1) {
        let (line, expected) = session.split_once('\n').unwrap();
        let mut words = line.split_whitespace();
        assert_eq!(words.next(), Some("meeting-gateway"), "{line}");
        let output = program()
            .current_dir(folder.path())
            .env("HUAWEI_MEETING_APP_KEY", "0123456789abcdef0123456789abcdef")
            .env("SCHEDULING_APP_KEY", "0123456789abcdef0123456789abcdef")
            .env("GATEWAY_TOKEN_KEY", "0123456789abcdef0123456789abcdef")
            .args(words)
            .output()
            .unwrap();
        assert_eq!(
            without_what_varies(&told(&output).1),
            without_what_varies(expected),
            "{line}"
        );
        commands += 1;
    }
    assert!(commands >= 2, "the sessions were not found");
}

#[test]
fn the_console_that_is_shown_is_taken() {
    let blocks = blocks("yaml");
    let block = blocks
        .iter()
        .find(|block| block.starts_with("# file: console.yaml\n"));
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = config::parse(block.unwrap(), "console.yaml", here, &BTreeMap::new(), &[]);
    let key = config::callers::KeyHash::of("console-key-not-a-secret");
    assert_eq!(config.unwrap().admin.console.keys, [key]);
}

#[test]
fn the_store_that_is_shown_is_taken() {
    let blocks = blocks("yaml");
    let block = blocks
        .iter()
        .find(|block| block.starts_with("# file: shared.yaml\n"));
    let text = format!(
        "upstream: {{url: 'https://api.example', credentials: {{pass_through: true}}}}\n{}",
        block.unwrap()
    );
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("secrets")).unwrap();
    for secret in ["store-password", "store-key"] {
        let path = folder.path().join("secrets").join(secret);
        fs::write(path, "0123456789abcdef0123456789abcdef").unwrap();
    }
    let config = config::parse(&text, "shared.yaml", folder.path(), &BTreeMap::new(), &[]);
    let store = config.unwrap().store.unwrap();
    assert_eq!(store.replicas, 3);
    let readme = readme();
    let told = format!("({} ms)", store.timeout.as_millis());
    assert!(
        readme.contains(&told),
        "the deadline is told as it is by default"
    );
}
