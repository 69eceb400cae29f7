//! The form of one operation.

use std::collections::BTreeMap;
use std::time::Duration;

use maud::{Markup, html};

use super::described::{Described, Parameter};
use crate::admin::console::page::Place;
use crate::admin::console::{example, fields, parts};
use crate::runtime::snapshot::Snapshot;

/// Where it is to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum To {
    /// To a simulator.
    Simulator,
    /// To the real upstream.
    Gateway,
}

/// What was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Form {
    parameters: BTreeMap<String, String>,
    pub(super) body: String,
    pub(super) caller: String,
    pub(super) to: To,
    pub(super) credential: String,
}

impl Form {
    /// Reads the body of a form that was sent.
    pub(super) fn read(text: &[u8]) -> Self {
        let mut form = Self {
            parameters: BTreeMap::new(),
            body: String::new(),
            caller: String::new(),
            to: To::Simulator,
            credential: String::new(),
        };
        for (name, value) in fields::read(text) {
            match (&*name, &*value) {
                ("body", _) => form.body = value,
                ("caller", _) => form.caller = value,
                ("to", "gateway") => form.to = To::Gateway,
                ("credential", _) => form.credential = value,
                _ => {
                    if let Some(name) = name.strip_prefix("p.") {
                        form.parameters.insert(name.to_owned(), value);
                    }
                }
            }
        }
        form
    }

    /// One to begin with; `now` is Unix time.
    pub(super) fn of(operation: &Described, snapshot: &Snapshot, now: Duration) -> Self {
        let filled = operation.parameters.iter().map(|parameter| {
            let value = example::parameter(&parameter.name).to_owned();
            (parameter.name.clone(), value)
        });
        let body = example::body(&operation.name, now);
        let body = body.and_then(|body| serde_json::to_string_pretty(&body).ok());
        let caller = snapshot.authenticator.callers().first();
        Self {
            parameters: filled.collect(),
            body: body.unwrap_or_default(),
            caller: caller
                .map(|caller| caller.id.to_string())
                .unwrap_or_default(),
            to: To::Simulator,
            credential: String::new(),
        }
    }

    /// The value of a parameter; empty where there is none.
    pub(super) fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }
}

/// The form as HTML. A credential is never written into a page.
pub(super) fn markup(
    operation: &Described,
    form: &Form,
    snapshot: &Snapshot,
    may_send: bool,
) -> Markup {
    html! {
        form method="post" action={ (Place::Explorer.path()) "?operation=" (operation.name) } data-swap="" {
            @if !operation.parameters.is_empty() {
                fieldset {
                    legend { "Parameters" }
                    @for one in &operation.parameters { (parameter(one, form.parameter(&one.name))) }
                }
            }
            @if let Some(media_type) = &operation.body {
                label for="body" { "Body " span.quiet { (media_type) } }
                textarea #body name="body" rows="16" spellcheck="false" autocomplete="off" { "\n" (form.body) }
            }
            fieldset {
                legend { "Send to" }
                label.choice {
                    input type="radio" name="to" value="simulator" checked[form.to == To::Simulator];
                    " the simulator, as "
                    (parts::callers(&form.caller, snapshot))
                }
                @if may_send {
                    label.choice {
                        input type="radio" name="to" value="gateway" checked[form.to == To::Gateway];
                        " the real upstream, through this gateway"
                    }
                    label for="credential" { "API key or token for the real upstream " span.quiet { "sent as X-Access-Token, kept nowhere" } }
                    input #credential type="password" name="credential" autocomplete="off";
                } @else {
                    p.quiet { "It can also send to the real upstream, where " code { "admin.console.send: true" } " allows that." }
                }
            }
            button.primary type="submit" { "Send" }
        }
    }
}

fn parameter(parameter: &Parameter, value: &str) -> Markup {
    let Parameter {
        name,
        location,
        required,
        deprecated,
    } = parameter;
    html! {
        label {
            span { (name) " " span.quiet {
                (location.name()) @if *required { ", required" } @if *deprecated { ", deprecated" }
            } }
            input type="text" name={ "p." (name) } value=(value) autocomplete="off" spellcheck="false";
        }
    }
}
