//! What may leave the process, through which outlet, and why. Everything else may not.

use std::fmt::Write as _;
use std::sync::LazyLock;

use regex::Regex;

use super::outlet::Outlet;
use super::outlet::Outlet::{
    Admin, Audit, AuditInFull, CollectorHead, Command, Console, Log, Logs, Narrow, SignIn, Traces,
    Upstream, Wide,
};

/// One entry: a regular expression for places, outlets, and the reason.
pub(super) type Entry = (&'static str, &'static [Outlet], &'static str);

#[rustfmt::skip]
pub(super) const ALLOWED: &[Entry] = &[
    // To the upstream: what the gateway is for.
    (r"body( with (more names|texts))?/.*", &[Upstream],
        "members of a body that the policy let pass"),
    (r"(query|path|header|relayed body)/.*", &[Upstream],
        "documented parameters and headers, and the body of a relayed operation, go as they are"),
    (r"target/account, encoded", &[Upstream],
        "a documented parameter in another spelling"),
    (r"headers/(accept-language|tracestate|x-request-id)", &[Upstream],
        "documented, or there to be passed on"),
    (r"credential/upstream token", &[Upstream],
        "the upstream's own"),
    (r"configuration/(upstream\.credentials\.app_id\.(app_id|corp_id)|callers\.upstream_user\.fixed)", &[SignIn],
        "who signs in, and for whom"),
    (r"jwt/email|sign-in/userId( of one who is not let in)?", &[SignIn],
        "the user that the caller named, and acts for"),
    (r"credential/OTLP header .*", &[CollectorHead],
        "the collector's own"),

    // To the one who sent it.
    (r"body.*/(subject|groupuri|appId|vmrID|description|cycleSubConfIDs?)", &[Narrow, Audit, AuditInFull, Command, Console],
        "public members: findings show them to the caller, and the audit log and what reads it keep them"),
    (r"body with texts/.*/(role|length|interval|point|preRemindDays|vmrFlag|confResType|encryptMode|recordType|is[A-Z]\w+|uniqueType|concurrentParticipants|supportSimultaneousInterpretation|recordAuxStream|recordAuthType|callInRestriction|audienceCallInRestriction|allowGuestStartConf|vmrIDType|prolongLength|enableWaitingRoom|showAudienceMode|baseAudienceCount|multiple)",
        &[Narrow, Audit, AuditInFull, Command],
        "texts in the place of public numbers: findings say what was there"),
    (r"name of a member|malformed/name twice", &[Narrow, Audit, AuditInFull, Command, Console],
        "names of members: what was taken out, or is there twice, is told by its name"),
    (r"query/.*/(conferenceID|conf_id|confUUID|type|limit|offset|queryAll|queryConfMode|sortType|startDate|endDate)", &[Narrow, Audit, AuditInFull, Console],
        "public parameters of governed operations: findings show them, and the audit log keeps them"),
    (r"query/.*/conferenceid", &[Audit, AuditInFull],
        "the meeting that a request is about"),
    (r"headers/(accept-language|user-agent)", &[Audit, AuditInFull],
        "kept with the request for `policy replay`: policies may look at them, and no credential is in them"),
    (r"headers/x-request-id", &[Narrow, Audit, AuditInFull, Log, Logs, Traces],
        "it is there to find a request again"),
    (r"sign-in/(userId|corpId)", &[Narrow, Wide],
        "in the token of the one who signed in, and in the answer that tells whose it is"),
    (r"gateway token/accessToken(, its end)?", &[Narrow, Wide],
        "whoever asks what a token is good for is told the token"),
    (r"gateway token/refreshToken(, its end)?", &[Wide],
        "in the answer to whoever refreshes"),

    // Answers of the upstream.
    (r"answer for wide/.*", &[Wide],
        "a caller with both scopes sees everything"),
    (r"answer/.*/(accessNumber|app_?[iI]d|attendeeType|conf(Mode|Type|UUID)|(vmrC|c)onferenceID|conference(State|Role)|cycleSubConfID|(end|start)Time|imageType|language|liveUrl|mediaTypes?|role|state|subject|description|timeZoneID|type|vmrI[dD])|answer/(error_msg|request_id)", &[Narrow],
        "public members of answers"),
    (r"answer/header content-language", &[Narrow],
        "a header about the body"),
    (r"answer/name in an error", &[Narrow],
        "a name in a sentence looks like any other word: SECURITY.md says so"),
    (r"answer/header x-request-id", &[Audit, AuditInFull],
        "the upstream's id of the request, to ask its operator with"),

    // In full: said in the configuration.
    (r"(body.*|query|unknown member)/.*", &[AuditInFull],
        "`audit.request: full` keeps requests as they came in; headers and paths are not among that"),
    (r"configuration/callers\.claims", &[Audit, AuditInFull, Console],
        "kept with the request for `policy replay`, and in a case of the playground; it is the operator's word on an application"),

    // To operators.
    (r"path/.*/(app_id|conference_id|corp_id|id|sn|value)", &[Audit, AuditInFull, Traces],
        "ids in paths that are nobody's"),
    (r"target/method", &[Audit, AuditInFull, Traces, Console],
        "a method is a word, and the conventions want the original"),
    (r"headers/(host|tracestate|user-agent)", &[Traces],
        "`server.address`, the vendors' part of the trace's context, and `user_agent.original`: a program"),
    (r"(operator|command)/saved/subject|operator/unknown caller", &[Admin, Command],
        "public, and what the operator asked for"),
    (r"operator/typed/.*", &[Console],
        "what the operator types into the playground stands there still; the key that the API explorer sends with does not"),
    (r"configuration/callers\.upstream_user\.fixed|certificate/name of a caller", &[Command],
        "`token check` and `caller list` say what is configured"),
];

static PATTERNS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let whole = |(place, ..): &Entry| Regex::new(&format!("^(?:{place})$")).unwrap();
    ALLOWED.iter().map(whole).collect()
});

/// The entries that let a place's marker out.
pub(super) fn allowed(outlet: Outlet, place: &str) -> Vec<usize> {
    let entries = ALLOWED.iter().zip(&*PATTERNS).enumerate();
    let fitting = entries.filter(|(_, ((_, outlets, _), pattern))| {
        outlets.contains(&outlet) && pattern.is_match(place)
    });
    fitting.map(|(entry, _)| entry).collect()
}

const BEFORE: &str = "\
# What may leave the gateway

Generated from `table.rs` (`UPDATE_README=1 cargo test --test it markers::table`). A unique marker stands in every place that holds a secret or something
about a person, or that could; the places are named by regular expressions. What is not listed may leave through no outlet, in whatever form it is written. `Narrow`
is a caller without scopes, `Wide` one with both, `AuditInFull` the audit log with `request: full`, `CollectorHead` the header fields of deliveries over OTLP, `Command` what
commands print, `Console` the pages on the operator's listener, whose other answers are `Admin`.

| places | outlets | why |
|---|---|---|
";

#[test]
fn the_readme_lists_the_table() {
    let mut text = BEFORE.to_owned();
    for (places, outlets, why) in ALLOWED {
        let outlets: Vec<_> = outlets.iter().map(|outlet| format!("{outlet:?}")).collect();
        let places = places.replace('|', "\\|");
        let outlets = outlets.join(", ");
        let _ = writeln!(text, "| `{places}` | {outlets} | {why} |");
    }
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/markers/README.md");
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        written == text,
        "run UPDATE_README=1 cargo test --test it markers::table"
    );
}
