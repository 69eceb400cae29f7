//! Who may import whom (the table in ARCHITECTURE.md, written here as data), and the size of rooms.

use std::fs;
use std::path::{Path, PathBuf};

/// A module's folder or file under `src`, and what of the crate it may name. `own` folders are always allowed.
struct Floor {
    room: &'static str,
    may_import: &'static [&'static str],
    /// Crates that it must not know.
    must_not_know: &'static [&'static str],
}

const ASYNC: &[&str] = &[
    "tokio",
    "hyper",
    "hyper_util",
    "tower",
    "tracing_subscriber",
];

const FLOORS: &[Floor] = &[
    Floor {
        room: "model",
        may_import: &[],
        must_not_know: ASYNC,
    },
    Floor {
        room: "config",
        may_import: &["model"],
        must_not_know: ASYNC,
    },
    Floor {
        room: "contract",
        may_import: &["model"],
        must_not_know: ASYNC,
    },
    Floor {
        room: "policy",
        may_import: &["model"],
        must_not_know: ASYNC,
    },
    Floor {
        room: "runtime",
        may_import: &["config", "contract", "policy", "model"],
        must_not_know: &[],
    },
    Floor {
        room: "stages/step.rs",
        may_import: &["model"],
        must_not_know: &["hyper", "tokio"],
    },
    Floor {
        room: "stages/bounded.rs",
        may_import: &[],
        must_not_know: &["hyper"],
    },
    Floor {
        room: "stages/holding.rs",
        may_import: &["stages::forward::Answer", "model"],
        must_not_know: &["hyper"],
    },
    Floor {
        room: "stages/accept",
        may_import: &[
            "stages::step",
            "stages::bounded",
            "runtime",
            "contract",
            "policy",
            "model",
        ],
        must_not_know: &[],
    },
    Floor {
        room: "stages/admit",
        may_import: &[
            "stages::step",
            "stages::bounded",
            "stages::holding::Holding",
            "stages::accept::Peer",
            "stages::accept::Unreadable",
            "stages::decode::body",
            "stages::forward::Answer",
            "stages::forward::AnswerBody",
            "stages::forward::AnswerSource",
            "runtime",
            "contract",
            "policy",
            "model",
        ],
        must_not_know: &[],
    },
    Floor {
        room: "stages/decode",
        may_import: &[
            "stages::step",
            "stages::bounded",
            "stages::admit::Admitted",
            "runtime",
            "contract",
            "policy",
            "model",
        ],
        must_not_know: &[],
    },
    Floor {
        room: "stages/enforce",
        may_import: &[
            "stages::step",
            "stages::bounded",
            "stages::decode::Call",
            "stages::decode::Query",
            "stages::relay::Relay",
            "runtime",
            "contract",
            "policy",
            "model",
        ],
        must_not_know: &[],
    },
    Floor {
        room: "stages/relay",
        may_import: &[
            "stages::step",
            "stages::bounded",
            "stages::decode::Routed",
            "stages::decode::Query",
            "stages::decode::body",
            "stages::forward::Answer",
            "runtime",
            "contract",
            "policy",
            "model",
        ],
        must_not_know: &[],
    },
    Floor {
        room: "stages/enforce/merge",
        may_import: &[
            "stages::decode::Call",
            "stages::decode::Merged",
            "stages::decode::Query",
            "stages::forward::Answer",
            "runtime",
            "contract",
            "policy",
            "model",
        ],
        must_not_know: &["hyper", "tokio"],
    },
    Floor {
        room: "stages/forward",
        may_import: &[
            "stages::step",
            "stages::bounded",
            "stages::holding::Holding",
            "stages::decode::Call",
            "stages::decode::Query",
            "stages::relay::Relay",
            "runtime",
            "contract",
            "policy",
            "model",
        ],
        must_not_know: &[],
    },
    Floor {
        room: "stages/reply",
        may_import: &[
            "stages::step",
            "stages::bounded",
            "stages::admit::Arrival",
            "stages::decode::Call",
            "stages::relay::Relay",
            "stages::forward::Answer",
            "stages::forward::AnswerBody",
            "stages::forward::AnswerSource",
            "runtime",
            "contract",
            "policy",
            "model",
        ],
        must_not_know: &[],
    },
    Floor {
        room: "simulator",
        may_import: &["model"],
        must_not_know: &["jsonschema", "governor"],
    },
    Floor {
        room: "openapi",
        may_import: &["runtime", "contract", "policy", "model"],
        must_not_know: ASYNC,
    },
    Floor {
        room: "admin",
        may_import: &[
            "openapi",
            "explain",
            "policy_test",
            "stages",
            "runtime",
            "policy",
            "contract",
            "model",
        ],
        must_not_know: &["clap"],
    },
    Floor {
        room: "stack.rs",
        may_import: &["stages", "runtime", "policy", "contract", "model"],
        must_not_know: &["clap"],
    },
    Floor {
        room: "explain",
        may_import: &["stack", "stages", "runtime", "policy", "contract", "model"],
        must_not_know: &["clap"],
    },
    Floor {
        room: "replay",
        may_import: &["policy", "contract", "model"],
        must_not_know: &["clap", "tokio", "hyper", "tower"],
    },
    Floor {
        room: "policy_test",
        may_import: &["explain", "runtime", "policy", "contract", "model"],
        must_not_know: &["clap"],
    },
    Floor {
        room: "gateway",
        may_import: &[
            "stack",
            "openapi",
            "explain",
            "admin",
            "simulator",
            "stages",
            "runtime",
            "config",
            "policy",
            "contract",
            "model",
        ],
        must_not_know: &["clap"],
    },
    Floor {
        room: "cli",
        may_import: &[
            "gateway",
            "openapi",
            "explain",
            "replay",
            "policy_test",
            "simulator",
            "runtime",
            "config",
            "policy",
            "model",
        ],
        must_not_know: &["tower"],
    },
];

const MAX_LINES: usize = 400;
const MAX_MEDIAN: usize = 150;
const VAGUE_NAMES: &[&str] = &[
    "utils.rs",
    "common.rs",
    "helpers.rs",
    "manager.rs",
    "types.rs",
    "misc.rs",
];

fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    assert!(found.len() > 40, "the sources were not found");
    found
}

fn below_src(path: &Path) -> String {
    path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
        .unwrap()
        .to_string_lossy()
        .into_owned()
}

/// What a source imports of its own crate, outside comments, one path each: `model::record::Record`.
fn crate_imports(text: &str) -> Vec<String> {
    let code: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect();
    let code = code.join(" ");
    let mut imports = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let end = rest
            .find([';', '(', ')', '<', '>', ' ', ','])
            .unwrap_or(rest.len());
        match rest.find('{').filter(|brace| *brace < end) {
            Some(brace) => {
                let group = rest[brace + 1..].split('}').next().unwrap_or_default();
                let prefix = &rest[..brace];
                imports.extend(
                    group
                        .split(',')
                        .map(str::trim)
                        .filter(|item| !item.is_empty())
                        .map(|item| format!("{prefix}{item}")),
                );
            }
            None => imports.push(rest[..end].to_owned()),
        }
    }
    imports
}

fn broken_rows(file: &str, text: &str) -> Vec<String> {
    let Some(floor) = FLOORS
        .iter()
        .filter(|floor| {
            file == floor.room
                || file.starts_with(&format!("{}/", floor.room))
                || file == format!("{}.rs", floor.room)
        })
        .max_by_key(|floor| floor.room.len())
    else {
        return match file {
            "lib.rs" | "main.rs" | "stages/mod.rs" => Vec::new(),
            _ => vec![format!("{file} stands on no floor: add it to the table")],
        };
    };
    let own = floor.room.trim_end_matches(".rs").replace('/', "::");
    let mut broken: Vec<String> = crate_imports(text)
        .into_iter()
        .filter(|import| {
            let within = |allowed: &str| {
                import == allowed
                    || import
                        .strip_prefix(allowed)
                        .is_some_and(|rest| rest.starts_with("::") || rest.starts_with("::{"))
            };
            !within(&own) && !floor.may_import.iter().any(|allowed| within(allowed))
        })
        .map(|import| {
            format!(
                "{file} imports crate::{import}; `{}` may import only {:?}",
                floor.room, floor.may_import
            )
        })
        .collect();
    for krate in floor.must_not_know {
        let named = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .any(|line| {
                line.contains(&format!("{krate}::")) || line.contains(&format!("use {krate};"))
            });
        if named {
            broken.push(format!(
                "{file} names `{krate}`, which `{}` must not know",
                floor.room
            ));
        }
    }
    broken
}

#[test]
fn nobody_imports_from_a_floor_above() {
    let broken: Vec<String> = sources()
        .iter()
        .flat_map(|path| broken_rows(&below_src(path), &fs::read_to_string(path).unwrap()))
        .collect();
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn the_check_itself_sees_a_broken_row() {
    assert_eq!(
        broken_rows("model/x.rs", "//! x\nuse crate::runtime::live;\n").len(),
        1
    );
    assert_eq!(
        broken_rows("policy/x.rs", "//! x\nuse tokio::sync;\n").len(),
        1
    );
    assert_eq!(
        broken_rows("simulator/x.rs", "//! x\nuse crate::contract::Contract;\n").len(),
        1
    );
    assert_eq!(
        broken_rows(
            "stages/enforce/x.rs",
            "//! x\nuse crate::stages::forward::client;\n"
        )
        .len(),
        1
    );
    assert!(
        broken_rows(
            "stages/enforce/x.rs",
            "//! x\nuse crate::stages::decode::Call;\n"
        )
        .is_empty()
    );
}

#[test]
fn rooms_are_small_and_say_what_they_are_for() {
    let mut lengths = Vec::new();
    let mut faults = Vec::new();
    for path in sources() {
        let file = below_src(&path);
        let text = fs::read_to_string(&path).unwrap();
        let lines = text.lines().count();
        lengths.push(lines);
        if lines > MAX_LINES {
            faults.push(format!("{file} has {lines} lines; {MAX_LINES} is the most"));
        }
        if !text.starts_with("//!") {
            faults.push(format!("{file} does not begin with `//!`"));
        }
        if VAGUE_NAMES.contains(
            &path
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default(),
        ) {
            faults.push(format!("{file}: a file is named for the one thing in it"));
        }
    }
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    if median > MAX_MEDIAN {
        faults.push(format!(
            "the median file has {median} lines; {MAX_MEDIAN} is the most"
        ));
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn no_unsafe_code_and_no_careless_unwrap() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let manifest = fs::read_to_string(manifest).unwrap();
    for lint in [
        "unsafe_code = \"forbid\"",
        "unwrap_used = \"warn\"",
        "get_unwrap = \"warn\"",
        "expect_used = \"warn\"",
        "panic = \"warn\"",
        "unreachable = \"warn\"",
    ] {
        let line = |text: &str| text.lines().any(|line| line == lint);
        assert!(line(&manifest), "{lint} is not in Cargo.toml any more");
    }
}
