//! No message and no `Debug` output shows a secret, whatever is wrong with the file.

use super::*;

#[test]
fn what_a_reference_brings_in_is_never_shown() {
    let keys = [
        "contract: {coercion: X}",
        "server: {idle_timeout: X}",
        "server: {json_depth: X}",
    ];
    for key in keys {
        let text = format!("{LEAST}{}\n", key.replace('X', "'${env.S}'"));
        let problems = wrong(&text, &[("S", SECRET)], &[]);
        assert!(!shown(&problems).contains(SECRET), "{}", shown(&problems));
    }
}

#[test]
fn secrets_are_not_in_the_debug_output() {
    let text = format!(
        "{}sign_in: {{token_key: {SECRET}, previous_token_keys: [{SECRET}]}}\n\
         callers: [{{id: one, app_ids: [{{app_id: a, app_key: {SECRET}}}]}}]\n\
         telemetry: {{otlp: {{headers: {{authorization: {SECRET}}}}}}}\n",
        LEAST.replace("pass_through: true", &format!("fixed_token: {SECRET}")),
    );
    let config = good(&text, &[], &[]);
    assert_eq!(
        config
            .sign_in
            .token_key
            .as_ref()
            .map(|key| key.matches(SECRET)),
        Some(true)
    );
    assert!(!format!("{config:?}").contains(SECRET));
    let source = Source {
        path: Path::new("gateway.yaml"),
        environment: &map(&[("KEY", SECRET)]),
        overrides: &[("sign_in.token_key".to_owned(), SECRET.to_owned())],
    };
    assert!(!format!("{source:?}").contains(SECRET));
}

proptest::proptest! {
    /// Whatever slip of the finger a file has, no message shows a secret.
    #[test]
    fn no_slip_of_the_finger_shows_a_secret(
        document in 0..2_usize,
        at in 0.0..1.0,
        slip in 0..3,
        typed in proptest::sample::select(&[' ', '\n', ':', '-', '"', '{', '}', '[', ',', '#', 'x', '$', '&']),
    ) {
        let full = FULL.split("---\n").nth(document).unwrap().replace("SECRET", SECRET);
        let mut text: Vec<char> = full.chars().collect();
        let at = pick(text.len(), at);
        match slip {
            0 => drop(text.remove(at)),
            1 => text[at] = typed,
            _ => text.insert(at, typed),
        }
        let text: String = text.into_iter().collect();
        if let Err(problems) = parse_with(&text, &[], &[]) {
            let shown = shown(&problems);
            proptest::prop_assert!(!shown.contains(SECRET), "{shown}");
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a short length"
)]
fn pick(length: usize, share: f64) -> usize {
    (length as f64 * share) as usize
}

/// Two files with a secret wherever one may stand, in several ways of writing.
const FULL: &str = r#"
upstream:
  url: https://api.example
  credentials:
    app_id: {app_id: a, app_key: SECRET}
callers:
  - id: one
    app_ids:
      - app_key: SECRET
        app_id: b
      - {app_id: c, app_key: "SECRET"}
    groups:
      - first
sign_in:
  token_key:
    SECRET
  previous_token_keys:
  - SECRET
  - 'SECRET'
telemetry:
  otlp:
    headers:
      authorization: SECRET
      api-key: "SECRET"
    interval: 5s
---
upstream: {url: 'https://api.example', credentials: {fixed_token: SECRET}}
sign_in: {token_key: SECRET, previous_token_keys: [SECRET]}
telemetry: {otlp: {headers: {authorization: SECRET, x: "SECRET"}}}
"#;
