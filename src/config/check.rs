//! What keys of different sections mean to one another.
//!
//! Each rule is skipped where one of its keys is broken already: that mistake comes first.

use std::path::Path;

use crate::config::Written;
use crate::config::audit::{AuditOutput, RequestRecording};
use crate::config::callers::JwtSubject;
use crate::config::log::LogOutput;
use crate::config::quantity::duration_text;
use crate::config::reader::{NamedPath, PathKind, Place, Reader};
use crate::config::server::Tls;
use crate::config::upstream::Credentials;
use crate::model::principal::UpstreamUser;
use crate::model::problem::{Problem, nearest};

/// Checks the sections against one another.
pub(super) fn sections(config: &Written, root: Place<'_>, reader: &mut Reader<'_>) {
    deadlines(config, root, reader);
    signing_key(config, root, reader);
    token_issuers(config, root, reader);
    upstream_users(config, root, reader);
    recorded_requests(config, root, reader);
    certificates(config, root, reader);
    standard_output(config, root, reader);
    audit_receiver(config, root, reader);
}

/// Whoever reads audit lines must be able to rely on there being nothing else.
fn standard_output(config: &Written, root: Place<'_>, reader: &mut Reader<'_>) {
    let at = "telemetry.log.output";
    if config.telemetry.log.output == LogOutput::Stdout
        && config.audit.output == AuditOutput::Stdout
        && !["audit.output", at]
            .iter()
            .any(|key| reader.has_problem_at(key))
    {
        reader.problem(
            &root.find(at).origin,
            at,
            "is `stdout`, where the audit log goes, too",
            "write the log to `stderr`, or set `audit.output` to a file",
        );
    }
}

fn audit_receiver(config: &Written, root: Place<'_>, reader: &mut Reader<'_>) {
    let (at, otlp) = ("audit.otlp", &config.telemetry.otlp);
    let delivered = otlp.enabled && (otlp.endpoint.is_some() || otlp.logs.endpoint.is_some());
    if config.audit.otlp
        && !delivered
        && !["telemetry.otlp", at]
            .iter()
            .any(|key| reader.has_problem_at(key))
    {
        reader.problem(
            &root.find(at).origin,
            at,
            "has no effect: there is no receiver",
            "set `telemetry.otlp.endpoint`, or `telemetry.otlp.logs.endpoint`; `telemetry.otlp.enabled` must be true",
        );
    }
}

/// How many times the largest body a line can be that holds it and its patch.
const LINE_FOR_BODY: usize = 4;

fn recorded_requests(config: &Written, root: Place<'_>, reader: &mut Reader<'_>) {
    let (body, buffer) = (config.server.body_bytes, config.audit.buffer_bytes);
    let broken = ["server.body_bytes", "audit.buffer_bytes", "audit.request"]
        .iter()
        .any(|key| reader.has_problem_at(key));
    let least = body.saturating_mul(LINE_FOR_BODY);
    if config.audit.request == RequestRecording::None || buffer >= least || broken {
        return;
    }
    let at = "audit.buffer_bytes";
    reader.problem(
        &root.find(at).origin,
        at,
        "is too small for lines that hold requests (`audit.request`): they would be dropped",
        format!("at least {LINE_FOR_BODY} times `server.body_bytes`: {least}"),
    );
}

fn deadlines(config: &Written, root: Place<'_>, reader: &mut Reader<'_>) {
    let upstream = &config.upstream;
    let total = ("upstream.total_timeout", upstream.total_timeout);
    let ordered = [
        (
            ("upstream.connect_timeout", upstream.connect_timeout),
            total,
        ),
        (
            ("upstream.response_timeout", upstream.response_timeout),
            total,
        ),
        (
            (
                "upstream.token.refresh_jitter",
                upstream.token.refresh_jitter,
            ),
            (
                "upstream.token.refresh_before",
                upstream.token.refresh_before,
            ),
        ),
    ];
    for ((shorter_key, shorter), (longer_key, longer)) in ordered {
        if shorter <= longer
            || [shorter_key, longer_key]
                .iter()
                .any(|key| reader.has_problem_at(key))
        {
            continue;
        }
        // The one that is written is at fault; the other may be a default.
        let at = [shorter_key, longer_key]
            .into_iter()
            .find(|key| root.is_written(key))
            .unwrap_or(shorter_key);
        let (shorter, longer) = (duration_text(shorter), duration_text(longer));
        reader.problem(
            &root.find(at).origin,
            at,
            format!("{shorter_key} ({shorter}) is longer than {longer_key} ({longer})"),
            format!("lower {shorter_key}, or raise {longer_key}"),
        );
    }
}

fn signing_key(config: &Written, root: Place<'_>, reader: &mut Reader<'_>) {
    let issued = config
        .callers
        .iter()
        .find(|caller| !caller.app_ids.is_empty());
    if let (Some(caller), None) = (issued, &config.sign_in.token_key)
        && !reader.has_problem_at("sign_in.token_key")
    {
        let app_ids = format!("callers.{}.app_ids", caller.caller.index);
        let place = if root.is_written("sign_in") {
            "sign_in"
        } else {
            app_ids.as_str()
        };
        reader.problem(
            &root.find(place).origin,
            "sign_in.token_key",
            format!("is required, because the caller `{}` has `app_ids`", caller.caller.id),
            "make one with `openssl rand -hex 32`, and refer to it by `${file.path}` or `${env.NAME}`",
        );
    }
}

fn certificates(config: &Written, root: Place<'_>, reader: &mut Reader<'_>) {
    let mut listeners = config.server.listeners.iter();
    let asks = |tls: &Tls| tls.client_ca.is_some();
    if listeners.any(|listener| listener.tls.as_ref().is_some_and(asks))
        || reader.has_problem_at("server")
    {
        return;
    }
    for caller in &config.callers {
        let at = format!("callers.{}.certificates", caller.caller.index);
        if !caller.certificates.is_empty() && !reader.has_problem_at(&at) {
            reader.problem(
                &root.find(&at).origin,
                &at,
                "has no effect: no listener asks clients for certificates",
                "set `tls.client_ca` of a listener in `server.listeners`",
            );
        }
    }
}

fn token_issuers(config: &Written, root: Place<'_>, reader: &mut Reader<'_>) {
    // Where an issuer is broken, its name is not known.
    if reader.has_problem_at("jwt") {
        return;
    }
    let issuers = || config.jwt.issuers.iter().map(|issuer| issuer.name.as_str());
    for caller in &config.callers {
        for (index, subject) in caller.jwt.iter().enumerate() {
            if issuers().any(|name| name == subject.issuer) {
                continue;
            }
            let hint = match nearest(&subject.issuer, issuers()) {
                Some(name) => format!("did you mean `{name}`?"),
                None => "add it to `jwt.issuers`".to_owned(),
            };
            let at = format!("callers.{}.jwt.{index}.issuer", caller.caller.index);
            let what = format!("there is no issuer `{}`", subject.issuer);
            reader.problem(&root.find(&at).origin, &at, what, hint);
        }
    }
}

fn upstream_users(config: &Written, root: Place<'_>, reader: &mut Reader<'_>) {
    if !matches!(config.upstream.credentials, Credentials::AppId(_)) {
        return;
    }
    for caller in &config.callers {
        let names_user = |subject: &JwtSubject| {
            let mut issuers = config.jwt.issuers.iter();
            let issuer = issuers.find(|issuer| issuer.name == subject.issuer);
            issuer.is_none_or(|issuer| issuer.user_claim.is_some())
        };
        let has_credential = !(caller.api_keys.is_empty()
            && caller.certificates.is_empty()
            && caller.jwt.is_empty());
        let never_signs_in =
            has_credential && caller.app_ids.is_empty() && !caller.jwt.iter().any(names_user);
        let at = format!("callers.{}", caller.caller.index);
        if never_signs_in
            && caller.caller.upstream_user == UpstreamUser::SignedIn
            && !reader.has_problem_at(&at)
        {
            let at = format!("{at}.upstream_user");
            reader.problem(
                &root.find(&at).origin,
                &at,
                format!(
                    "`signed_in`, but the caller `{}` has no credential that names a user",
                    caller.caller.id
                ),
                "set `upstream_user: {fixed: user-id}`, or give it `app_ids`, or `jwt` of an issuer with `user_claim`",
            );
        }
    }
}

/// Checks that what the configuration names is there: certificates, keys, the directory of packs.
///
/// Apart from the reading itself, so that a configuration can be checked on another machine.
pub(super) fn files(paths: &[NamedPath]) -> Vec<Problem> {
    let missing = paths.iter().filter_map(|named| {
        let why = open(&named.path, named.kind).err()?;
        let mut problem = named.problem.clone();
        problem.what = format!("cannot open `{}`: {why}", named.path.display());
        problem.hint = Some("paths are relative to the directory of this file".to_owned());
        Some(problem)
    });
    missing.collect()
}

fn open(path: &Path, kind: PathKind) -> Result<(), String> {
    let metadata = std::fs::metadata(path).map_err(|error| error.kind().to_string())?;
    match kind {
        PathKind::Directory if !metadata.is_dir() => Err("it is no directory".to_owned()),
        PathKind::File if metadata.is_dir() => Err("it is a directory".to_owned()),
        PathKind::Directory => std::fs::read_dir(path)
            .map(drop)
            .map_err(|error| error.kind().to_string()),
        PathKind::File => std::fs::File::open(path)
            .map(drop)
            .map_err(|error| error.kind().to_string()),
    }
}
