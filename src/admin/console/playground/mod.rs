//! The third page: what would become of a request under a policy that may be edited beside it. The request takes the path that real
//! ones take, stage by stage, with a recorder where the upstream would be: nothing is sent, counted or written.
//!
//! Values are shown as they are: whoever looks at the page has typed them, or can read the pack that sets them beside it.

mod case_file;
mod difference;
mod form;
mod result;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use maud::{Markup, html};
use tokio::runtime::Handle;

use super::backend::{Backend, PackText};
use super::parts::{NOBODY, failure};
use crate::explain::question::Question;
use crate::explain::whose;
use crate::explain::{Asked, Explainer, saved};
use crate::model::problem::Problem;
use crate::runtime::snapshot::Snapshot;
pub(super) use form::Form;

/// Bytes that a form may have: a request, and a pack of the largest size, each encoded.
pub(super) const MAX_BYTES: usize = 4 << 20;

/// The page with a form as it is, and what came of it if it was sent.
pub(super) fn page(
    backend: &dyn Backend,
    snapshot: &Arc<Snapshot>,
    form: Form,
    now: Duration,
) -> Markup {
    let packs = backend.packs();
    let form = form.completed(&packs, snapshot, now);
    let outcome = form
        .was_sent
        .then(|| tried(backend, snapshot, &form, &packs, now));
    html! {
        p { "Paste a request, choose whose it is, edit a pack, and see what would happen. Nothing is sent anywhere." }
        (form::markup(&form, &packs, snapshot))
        div data-result="" aria-live="polite" {
            @match outcome {
                None => {},
                Some(Err(fault)) => (fault),
                Some(Ok(result)) => (result),
            }
        }
    }
}

/// What came of it, or why nothing did.
fn tried(
    backend: &dyn Backend,
    snapshot: &Arc<Snapshot>,
    form: &Form,
    packs: &[PackText],
    now: Duration,
) -> Result<Markup, Markup> {
    let on_disk = packs.iter().find(|pack| pack.name == form.pack);
    let text = form.text.as_deref().unwrap_or_default();
    let is_edited = on_disk.is_some_and(|pack| pack.text.as_deref() != Ok(text));
    let judged_by = if form.pack.is_empty() {
        Arc::clone(snapshot)
    } else {
        let rehearsed = backend.rehearse(&form.pack, text);
        Arc::new(rehearsed.map_err(|problems| mistakes(&problems))?)
    };
    let asked = asked(&judged_by, form, now).map_err(|what| unreadable(&what))?;
    let explainer = Explainer::new(Arc::clone(&judged_by));
    let explainer = Arc::new(explainer.map_err(|fault| unreadable(&fault.to_string()))?);
    let explanation = Handle::current().block_on(explainer.explain(asked.clone()));
    Ok(result::markup(&result::Tried {
        asked: &asked,
        explanation: &explanation,
        explainer: &explainer,
        folder: &backend.policy_directory(),
        setup: &backend.setup(),
        pack: &form.pack,
        is_edited,
    }))
}

/// The request of the form: one in JSON, or anything that can be saved. It is the chosen caller's, whatever it says.
fn asked(snapshot: &Snapshot, form: &Form, now: Duration) -> Result<Asked, String> {
    let text = form.request.trim();
    if snapshot.authenticator.callers().is_empty() {
        return Err(NOBODY.to_owned());
    }
    let caller = whose::named(snapshot, &form.caller).map_err(|unknown| unknown.to_string())?;
    if text.is_empty() {
        return Err("there is none yet: paste a curl command, an HTTP message, a HAR, a line of the audit log, or JSON".to_owned());
    }
    let then = |time: Option<Timestamp>| {
        let then = time.and_then(|time| Duration::try_from(time.as_duration()).ok());
        then.unwrap_or(now)
    };
    if Question::is_one(text.as_bytes()) {
        let question = Question::read(text.as_bytes())?;
        let at = then(question.at);
        return Ok(Asked::written(question, caller, at));
    }
    let saved = saved::read(text.as_bytes()).map_err(|unreadable| {
        let hint = if text.starts_with('{') {
            ". As JSON a request is {\"method\": \"PUT\", \"target\": \"/v1/...\", \"body\": {...}}"
        } else {
            ""
        };
        format!("{unreadable}{hint}")
    })?;
    let at = then(saved.time);
    Ok(Asked::saved(saved, caller, at))
}

fn unreadable(what: &str) -> Markup {
    failure("The request cannot be tried", &html! { p { (what) } })
}

/// Mistakes, each with its file and line.
fn mistakes(problems: &[Problem]) -> Markup {
    /// Those that are listed.
    const MOST: usize = 20;
    let list = html! {
        ul { @for problem in problems.iter().take(MOST) { li { (problem) } } }
        @if problems.len() > MOST { p { "and " (problems.len() - MOST) " more" } }
    };
    failure("The pack cannot be used", &list)
}
