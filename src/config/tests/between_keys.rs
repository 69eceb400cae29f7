//! What keys mean to one another, and what an entry must say to mean anything.

use super::*;

/// A listener that asks for certificates.
const ASKING: &str = "server:\n  listeners: [{address: '127.0.0.1:0', tls: {certificate: a, key: b, client_ca: c}}]\n";

/// Each text has one mistake, and it is told at this key.
#[track_caller]
fn hold(cases: &[(&str, String, &str)]) {
    for (name, text, at) in cases {
        let problems = wrong(text, &[], &[]);
        assert_eq!(problems.len(), 1, "{name}:\n{}", shown(&problems));
        assert_eq!(problems[0].at, *at, "{name}");
        assert!(problems[0].position.is_some(), "{name} has a place");
        assert!(problems[0].hint.is_some(), "{name} has a hint");
    }
}

#[test]
fn logs_go_where_they_can() {
    hold(&[
        (
            "log and audit log in one place",
            format!("{LEAST}telemetry: {{log: {{output: stdout}}}}\n"),
            "telemetry.log.output",
        ),
        (
            "audit lines for nobody",
            format!("{LEAST}audit: {{otlp: true}}\n"),
            "audit.otlp",
        ),
    ]);
}

#[test]
fn keys_of_different_sections_are_checked_against_one_another() {
    let caller = "callers:\n  - id: one\n    ";
    let app_id = "{app_id: a, app_key: 0123456789abcdef}";
    let cases = [
        (
            "a try longer than the whole",
            LEAST.replace("  cred", "  total_timeout: 5s\n  cred"),
            "upstream.total_timeout",
        ),
        (
            "issued App IDs without a key",
            format!("{LEAST}{caller}app_ids: [{app_id}]\n"),
            "sign_in.token_key",
        ),
        (
            "the same App ID twice",
            format!(
                "{LEAST}{caller}app_ids: [{app_id}, {app_id}]\nsign_in: {{token_key: {SECRET}}}\n"
            ),
            "callers.0.app_ids.1.app_id",
        ),
        (
            "API keys cannot sign in",
            format!(
                "{}{caller}api_keys: ['{}']\n",
                LEAST.replace("pass_through: true", &format!("app_id: {app_id}")),
                callers::KeyHash::of("key"),
            ),
            "callers.0.upstream_user",
        ),
        (
            "a jitter beyond the lead",
            LEAST.replace("  cred", "  token: {refresh_before: 1m}\n  cred"),
            "upstream.token.refresh_before",
        ),
        (
            "two ways to sign in",
            LEAST.replace("pass_through", "fixed_token: t\n    pass_through"),
            "upstream.credentials",
        ),
        (
            "a remote operator's listener",
            format!("{LEAST}admin: {{address: '0.0.0.0:9090'}}\n"),
            "admin.address",
        ),
        (
            "a quota's name twice",
            format!(
                "{LEAST}limits:\n  quotas:\n    - &q {{name: q, per: caller, requests: 5, window: 1s}}\n    - *q\n"
            ),
            "limits.quotas",
        ),
        (
            "a pack twice",
            format!("{LEAST}policy: {{packs: [a, a]}}\n"),
            "policy.packs",
        ),
        (
            "a mode for no rule",
            format!("{LEAST}policy: {{modes: {{rule: warn}}}}\n"),
            "policy.modes.rule",
        ),
        (
            "a binding for nobody",
            format!("{LEAST}policy: {{bindings: [{{modes: {{p/r: audit}}}}]}}\n"),
            "policy.bindings.0",
        ),
        (
            "an exemption for nobody",
            format!(
                "{LEAST}policy: {{exemptions: [{{rules: [p/r], until: 2027-03-31, reason: x}}]}}\n"
            ),
            "policy.exemptions.0",
        ),
        (
            "an exemption without an end",
            format!(
                "{LEAST}policy: {{exemptions: [{{rules: [p/r], callers: [a], reason: x, until: soon}}]}}\n"
            ),
            "policy.exemptions.0.until",
        ),
        (
            "lines longer than the buffer",
            format!("{LEAST}audit: {{request: full, buffer_bytes: 1MiB}}\n"),
            "audit.buffer_bytes",
        ),
        (
            "a key twice",
            format!("{LEAST}admin: {{}}\nadmin: {{}}\n"),
            "admin",
        ),
    ];
    hold(&cases);
}

#[test]
fn old_files_are_kept_only_of_a_log_that_is_rotated() {
    hold(&[(
        "old files of a log that is never rotated",
        format!("{LEAST}audit: {{output: {{file: a, rotate: {{keep: 3}}}}}}\n"),
        "audit.output.rotate.keep",
    )]);
}

#[test]
fn certificates_and_proxies_are_checked_against_listeners() {
    let caller = "callers:\n  - id: one\n    ";
    let app_id = "{app_id: a, app_key: 0123456789abcdef}";
    let cases = [
        (
            "certificates cannot sign in",
            format!(
                "{}{caller}certificates: [{{dns: a}}]\n{ASKING}",
                LEAST.replace("pass_through: true", &format!("app_id: {app_id}")),
            ),
            "callers.0.upstream_user",
        ),
        (
            "certificates that nobody asks for",
            format!("{LEAST}{caller}certificates: [{{dns: a}}]\n"),
            "callers.0.certificates",
        ),
        (
            "a certificate's name twice",
            format!(
                "{LEAST}{caller}certificates: [{{dns: a}}, {{email: a@b}}]\n  - id: two\n    certificates: [{{dns: A}}]\n{ASKING}"
            ),
            "callers.1.certificates.0",
        ),
        (
            "two names in one entry",
            format!("{LEAST}{caller}certificates: [{{dns: a, email: a@b}}]\n{ASKING}"),
            "callers.0.certificates.0",
        ),
        (
            "a pattern for a name",
            format!("{LEAST}{caller}certificates: [{{dns: '*.corp.example'}}]\n{ASKING}"),
            "callers.0.certificates.0.dns",
        ),
        (
            "no subject",
            format!("{LEAST}{caller}certificates: [{{subject: scheduler}}]\n{ASKING}"),
            "callers.0.certificates.0.subject",
        ),
        (
            "revocations without an authority",
            format!(
                "{LEAST}{}",
                ASKING.replace("client_ca: c", "client_crl: [c]")
            ),
            "server.listeners.0.tls.client_crl",
        ),
        (
            "certificates asked for without an authority",
            format!(
                "{LEAST}{}",
                ASKING.replace("client_ca: c", "client_certificates: request")
            ),
            "server.listeners.0.tls.client_certificates",
        ),
        (
            "proxies that everybody could be",
            format!(
                "{LEAST}server: {{trusted_proxies: [10.0.0.5, '::/0'], client_address: forwarded}}\n"
            ),
            "server.trusted_proxies.1",
        ),
        (
            "a header that nobody is trusted with",
            format!("{LEAST}server: {{client_address: x_forwarded_for}}\n"),
            "server.client_address",
        ),
        (
            "a preface that nobody is trusted with",
            format!(
                "{LEAST}server: {{listeners: [{{address: '127.0.0.1:0', proxy_protocol: true}}]}}\n"
            ),
            "server.listeners.0.proxy_protocol",
        ),
        (
            "proxies that nobody asks",
            format!("{LEAST}server: {{trusted_proxies: [10.0.0.0/8]}}\n"),
            "server.trusted_proxies",
        ),
    ];
    hold(&cases);
}
