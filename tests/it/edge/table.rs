//! `README.md` in this folder is the list of all attacks, written from the tables that the tests run: it cannot say anything else.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::attack::Attack;

/// Set, to write the list anew instead of comparing it.
const UPDATE: &str = "UPDATE_README";
/// Bytes shown of what is sent.
const MOST: usize = 150;

const BEFORE: &str = "\
# Hostile bytes at the door

Generated from the tables in this folder (`UPDATE_README=1 cargo test --test it edge::table`). Each line is a test of its name: the bytes go over a
socket to a gateway with its own listener, and the upstream keeps every byte it sees. `PUT` is the request line, `Host`, key and media type of the usual
request, `{}` its body, `DELETE` a whole request that nobody asked for. *The canonical request* is the one that the gateway makes of the checked document,
header by header (`CANONICAL` in `attack.rs`). Behind every attack a new client is served; where the connection is kept, the same client is, too. Each
answer has its line in the audit log; what has no answer has none.
";

/// The title, the file, and the attacks with the names of their tests.
type Section = (&'static str, &'static str, Vec<(&'static str, Attack)>);

fn sections() -> Vec<Section> {
    vec![
        (
            "Where a request ends",
            "smuggling",
            super::smuggling::attacks(),
        ),
        ("Chunks and trailers", "chunks", super::chunks::attacks()),
        ("Lines and bytes", "lines", super::lines::attacks()),
        ("Targets", "targets", super::targets::attacks()),
        (
            "Hosts, versions and methods",
            "authorities",
            super::authorities::attacks(),
        ),
        ("Hop by hop", "hop_by_hop", super::hop_by_hop::attacks()),
        (
            "Second credentials",
            "credentials",
            super::credentials::attacks(),
        ),
        ("Keys of the document", "keys", super::keys::attacks()),
        ("Bodies and their types", "bodies", super::bodies::attacks()),
        ("Sizes and counts", "sizes", super::sizes::attacks()),
        ("Pipelines", "pipelines", super::pipelines::attacks()),
    ]
}

/// The bytes as one line of a table.
fn shown(bytes: &[u8]) -> String {
    let put = super::attack::with("");
    let put = put.trim_end().to_owned() + "\r\n";
    let text = String::from_utf8_lossy(bytes)
        .replace(&super::attack::hidden(), "«DELETE»")
        .replace(&super::attack::good(), "«PUT»")
        .replace(&put, "«PUT» ")
        .replace(&super::attack::body(), "«{}»");
    let mut line = String::new();
    for character in text.chars() {
        match character {
            '|' => line.push_str("\\|"),
            '`' => line.push('´'),
            '\u{fffd}' => line.push_str("\\x??"),
            character if character.is_control() => line.extend(character.escape_default()),
            character => line.push(character),
        }
    }
    if line.chars().count() > MOST {
        let start: String = line.chars().take(MOST - 50).collect();
        let skipped = line.chars().count() - MOST;
        let end: String = line.chars().skip(MOST - 50 + skipped).collect();
        line = format!("{start} … {end}");
    }
    line
}

fn list() -> String {
    let mut text = BEFORE.to_owned();
    for (title, module, attacks) in sections() {
        let _ = write!(
            text,
            "\n## {title} (`{module}.rs`)\n\n| attack | bytes | client | upstream saw | test |\n|---|---|---|---|---|\n"
        );
        for (name, attack) in attacks {
            let _ = writeln!(
                text,
                "| {} | `{}` | {} | {} | `{name}` |",
                attack.about,
                shown(&attack.bytes),
                attack.got(),
                attack.seen(),
            );
        }
    }
    text += "\n## HTTP/2 heads (`http2_heads.rs`)\n\n| attack | client | upstream saw | test |\n|---|---|---|---|\n";
    for (name, attack) in super::http2_heads::attacks() {
        let (got, saw) = attack.told();
        let _ = writeln!(text, "| {} | {got} | {saw} | `{name}` |", attack.about);
    }
    for (title, module, rows, source) in [
        (
            "HTTP/2 in numbers",
            "http2_floods",
            super::http2_floods::FLOODS,
            include_str!("http2_floods.rs"),
        ),
        (
            "Slow and silent clients",
            "slow",
            super::slow::SLOW,
            include_str!("slow.rs"),
        ),
    ] {
        let _ = write!(
            text,
            "\n## {title} (`{module}.rs`)\n\n| attack | what becomes of it | test |\n|---|---|---|\n"
        );
        let tests = source.matches("#[tokio::test]").count();
        assert_eq!(tests, rows.len(), "{module}: a line for each test");
        for (name, about, end) in rows {
            assert!(source.contains(&format!("async fn {name}()")), "{name}");
            let _ = writeln!(text, "| {about} | {end} | `{name}` |");
        }
    }
    text
}

#[test]
fn the_list_is_that_of_the_tests() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/edge/README.md");
    let list = list();
    if std::env::var_os(UPDATE).is_some() {
        fs::write(&path, list).unwrap();
    } else {
        let written = fs::read_to_string(&path).unwrap();
        assert_eq!(written, list, "run again with {UPDATE}=1");
    }
}
