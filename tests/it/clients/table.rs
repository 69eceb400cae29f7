//! Every recorded message with what became of it: the tables of `README.md`, and the bodies that went upstream.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::message;
use super::treatment::{Client, Treatment};

/// Set, to write the tables anew instead of comparing them.
const UPDATE: &str = "UPDATE_README";

fn row(name: &str, treatment: &Treatment) -> String {
    let (status, code) = treatment.said();
    let changes = treatment.changes();
    let changes: Vec<String> = changes
        .iter()
        .map(|(path, _)| format!("`{path}`"))
        .collect();
    let code = if code.is_empty() {
        code
    } else {
        format!(" `{code}`")
    };
    format!("| `{name}` | {status}{code} | {} |\n", changes.join(", "))
}

async fn treated(client: &Client, name: &'static str) -> (String, String) {
    let mut table =
        "| message | answered | changed or taken out before |\n|---|---|---|\n".to_owned();
    let mut upstream = String::new();
    for message in message::names(name) {
        // A nonce is good for one sign-in, and the client's own has used it.
        let stranger = (message == "sign-in").then(|| Client::new(name, "", &[]));
        let client = stranger.as_ref().unwrap_or(client);
        let treatment = client.treat(&message).await;
        table += &row(&message, &treatment);
        let _ = writeln!(upstream, "# {message}\n{}", treatment.upstream());
    }
    (table, upstream)
}

/// Compares the table between the client's marks with what was written there, or writes it.
fn held_to(name: &str, table: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/clients/README.md");
    let text = fs::read_to_string(&path).unwrap();
    let marks = [
        format!("<!-- {name}: generated -->\n"),
        format!("<!-- /{name} -->"),
    ];
    let (before, rest) = text.split_once(&marks[0]).unwrap();
    let (written, after) = rest.split_once(&marks[1]).unwrap();
    if std::env::var_os(UPDATE).is_some() {
        let whole = format!("{before}{}{table}{}{after}", marks[0], marks[1]);
        fs::write(&path, whole).unwrap();
    } else {
        assert_eq!(written, table, "run again with {UPDATE}=1");
    }
}

#[tokio::test]
async fn the_tables_say_what_became_of_every_message() {
    let golangsdk = Client::signed_in("golangsdk", &[]).await;
    let platform = Client::new("meeting-platform", "meeting-platform-key-not-a-secret", &[]);
    for (client, name) in [(&golangsdk, "golangsdk"), (&platform, "meeting-platform")] {
        let (table, upstream) = treated(client, name).await;
        insta::assert_snapshot!(name, upstream);
        held_to(name, &table);
    }
}
