//! The folder that a marked gateway is configured in: a marker in every value of its configuration that is secret or somebody's.

use std::fmt::Write as _;
use std::path::Path;

use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::mark::Markers;
use crate::jwt::mint::{ED, claims_with, set};
use crate::support::authority::Authority;

/// Rules of every kind that look at, write or take out what is secret or personal. None refuses.
const PACK: &str = "
pack: marked
description: Rules that look at values of every kind.
rules:
  - {id: email, mode: warn, message: No such address., matches: {field: '/attendees/*/email', pattern: none}}
  - {id: name, mode: warn, message: No such name., one_of: {field: '/attendees/*/name', values: [nobody]}}
  - {id: account, mode: audit, message: No accounts., forbid: {field: '/attendees/*/accountId'}}
  - {id: phone, message: No second number., remove: {field: '/attendees/*/phone2'}}
  - {id: address, message: One address., force: {field: '/attendees/*/address', value: house}}
  - {id: guest-password, mode: warn, message: One password., one_of: {field: /confConfigInfo/guestPwd, values: ['471147']}}
  - {id: subject, mode: warn, message: No such subject., matches: {field: /subject, pattern: none}}
  - {id: live, message: No second stream., remove: {field: /auxAddress}}
  - id: attendees
    mode: warn
    message: Nobody is invited.
    when: body.attendees.exists(a, has(a.phone) && a.phone.startsWith(\"+\"))
    deny: {pointer: /attendees}
";

/// A caller of the gateway, by what its credential is.
#[derive(Debug, Clone)]
pub(super) struct Credentials {
    pub(super) narrow: String,
    pub(super) wide: String,
    pub(super) bystander: String,
    pub(super) app_key: String,
    pub(super) jwt: String,
    pub(super) expired_jwt: String,
}

/// The folder and who may come in.
#[derive(Debug)]
pub(super) struct Configured {
    pub(super) folder: TempDir,
    pub(super) credentials: Credentials,
    pub(super) environment: Vec<(&'static str, String)>,
}

/// What differs between the gateways.
#[derive(Debug, Clone, Copy)]
pub(super) struct Variant {
    /// `audit.output`.
    pub(super) audit: &'static str,
    /// `audit.request`.
    pub(super) request: &'static str,
    /// `telemetry.log.format`.
    pub(super) format: &'static str,
    /// `telemetry.log.level`.
    pub(super) level: &'static str,
}

/// Writes it.
pub(super) fn configured(
    markers: &Markers,
    variant: Variant,
    authority: &Authority,
    (upstream, collector): (&str, &str),
) -> Configured {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let credential =
        |name: &str| markers.text(&format!("credential/{name}")) + "-of-40-characters-at-the-least";
    let hash = |key: &str| HEXLOWER.encode(&Sha256::digest(key.as_bytes()));
    let credentials = Credentials {
        narrow: credential("api key"),
        wide: credential("api key of wide"),
        bystander: credential("api key of bystander"),
        app_key: credential("app key of a caller"),
        jwt: jwt(markers, 600),
        expired_jwt: jwt(markers, -600),
    };
    authority.listener(at, &[], false);
    write(at, "jwks.json", &set(&[ED.jwk("ed")]));
    write(at, "token-key", &credential("token key in a file"));
    packs(at);
    let operations: Value = serde_json::from_str(super::OPERATIONS).unwrap();
    let operations = operations.as_array().unwrap().iter();
    let relayed = operations.filter(|one| one["family"] == "relayed");
    let relayed: Vec<&str> = relayed.map(|one| one["name"].as_str().unwrap()).collect();
    let configuration = |key: &str| markers.text(&format!("configuration/{key}"));
    let Variant {
        audit,
        request,
        format,
        level,
    } = variant;
    let mut text = format!(
        "
server:
  listeners:
    - {{address: '127.0.0.1:0'}}
    - address: 127.0.0.1:0
      tls: {{certificate: tls.crt, key: tls.key, client_ca: ca.pem, client_certificates: request}}
  body_bytes: 64KiB
admin: {{address: '127.0.0.1:0', log_level: true}}
upstream:
  url: {upstream}
  credentials: {{app_id: {{app_id: {}, app_key: '${{env.MARKED_APP_KEY}}', corp_id: {}}}}}
sign_in: {{token_key: '${{file.token-key}}', previous_token_keys: ['{}']}}
jwt:
  issuers:
    - {{name: corp, issuer: 'https://login.corp.example', audiences: [meeting-gateway], keys: {{file: jwks.json}}, user_claim: email,
       groups_claim: groups, groups: [schedulers]}}
operations: {{allow: [{}]}}
policy: {{directory: policies, packs: [baseline, example-enterprise, marked],
  bindings: [{{groups: [lenient], modes: {{'baseline/*': audit, 'example-enterprise/*': warn}}}}]}}
store: {{urls: ['redis://127.0.0.1:1'], username: {}, password: '{}', encryption_key: '{}'}}
limits: {{quotas: [{{name: all, per: caller, requests: 100000, window: 60s}}], failed_attempts: {{attempts: 1000}}}}
telemetry:
  log: {{format: {format}, level: '{level}'}}
  otlp: {{endpoint: '{collector}', headers: {{authorization: '${{env.MARKED_OTLP}}', x-api-key: '{}'}}, interval: 1s}}
audit: {{output: {audit}, request: {request}, flush_interval: 10ms, chain_key: '{}'}}
callers:
",
        configuration("upstream.credentials.app_id.app_id"),
        configuration("upstream.credentials.app_id.corp_id"),
        credential("previous token key"),
        relayed.join(", "),
        configuration("store.username"),
        credential("password of the store"),
        credential("encryption key of the store"),
        credential("OTLP header in the file"),
        credential("chain key"),
    );
    let user = configuration("callers.upstream_user.fixed");
    for (id, key, rest) in [
        (
            "narrow",
            &credentials.narrow,
            format!(
                "claims: {{department: {}}}",
                configuration("callers.claims")
            ),
        ),
        (
            "lenient",
            &credentials.bystander,
            "groups: [lenient]".to_owned(),
        ),
        (
            "wide",
            &credentials.wide,
            "groups: [lenient], scopes: [secrets, personal_data]".to_owned(),
        ),
    ] {
        let key = hash(key);
        let _ = writeln!(
            text,
            "  - {{id: {id}, api_keys: ['sha256:{key}'], {rest}, upstream_user: {{fixed: {user}}}}}"
        );
    }
    let _ = write!(
        text,
        "  - {{id: signer, app_ids: [{{app_id: signer, app_key: '{}'}}]}}
  - {{id: minted, jwt: [{{issuer: corp, subject: app-1}}]}}
  - {{id: robot, certificates: [{{dns: {}.corp.example}}], upstream_user: {{fixed: {user}}}}}
",
        credentials.app_key,
        markers.text("certificate/name of a caller"),
    );
    write(at, "gateway.yaml", &text);
    let environment = vec![
        ("MARKED_APP_KEY", credential("app key in the environment")),
        (
            "MARKED_OTLP",
            format!("Bearer {}", credential("OTLP header in the environment")),
        ),
    ];
    Configured {
        folder,
        credentials,
        environment,
    }
}

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).unwrap();
}

/// The packs of the repository, and one that looks at everything.
fn packs(folder: &Path) {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let policies = folder.join("policies");
    for pack in ["baseline", "example-enterprise"] {
        let target = policies.join(pack);
        std::fs::create_dir_all(&target).unwrap();
        std::fs::copy(
            shipped.join(pack).join("pack.yaml"),
            target.join("pack.yaml"),
        )
        .unwrap();
    }
    std::fs::create_dir(policies.join("marked")).unwrap();
    write(&policies, "marked/pack.yaml", PACK);
}

/// A token whose end lies so many seconds ahead.
fn jwt(markers: &Markers, ahead: i64) -> String {
    let kind = if ahead > 0 { "" } else { " of an expired one" };
    let claim = |name: &str| markers.text(&format!("jwt/{name}{kind}"));
    let now = super::now();
    let claims = claims_with(&json!({
        "sub": "app-1", "jti": claim("jti"), "email": claim("email") + "@corp.example", "name": claim("name"),
        "phone_number": claim("phone_number"), "groups": ["schedulers", claim("groups")], "scope": claim("scope"),
        "act": {"sub": claim("act.sub")},
        "iat": now - 1000, "nbf": now - 1000, "exp": now.saturating_add_signed(ahead),
    }));
    ED.token("ed", &claims)
}
