//! The form: a request, whose it is, and a pack's text.

use std::time::Duration;

use maud::{Markup, html};

use crate::admin::console::backend::PackText;
use crate::admin::console::page::Place;
use crate::admin::console::{example, fields, parts};
use crate::runtime::snapshot::Snapshot;

/// What is in the form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::admin::console) struct Form {
    pub(super) request: String,
    pub(super) caller: String,
    pub(super) pack: String,
    /// None for what is on the disk.
    pub(super) text: Option<String>,
    /// Whether it is to be tried.
    pub(super) was_sent: bool,
}

impl Form {
    /// Reads a query, or the body of a form that was sent.
    pub(in crate::admin::console) fn read(text: &[u8], was_sent: bool) -> Self {
        let mut form = Self {
            was_sent,
            ..Self::default()
        };
        let mut loads = false;
        for (name, value) in fields::read(text) {
            match &*name {
                "request" => form.request = value,
                "caller" => form.caller = value,
                "pack" => form.pack = value,
                "text" => form.text = Some(value),
                "load" => loads = true,
                _ => {}
            }
        }
        if loads {
            // Another pack was chosen: its text comes instead of the one that was edited.
            (form.text, form.was_sent) = (None, false);
        }
        form
    }

    /// What is not said is filled in: an example, the first caller, the last pack, the text on the disk.
    /// `now` is Unix time.
    pub(super) fn completed(
        mut self,
        packs: &[PackText],
        snapshot: &Snapshot,
        now: Duration,
    ) -> Self {
        if self.request.is_empty() && !self.was_sent {
            self.request = example::question(now);
        }
        if self.caller.is_empty()
            && let Some(caller) = snapshot.authenticator.callers().first()
        {
            self.caller = caller.id.to_string();
        }
        let known = packs.iter().find(|pack| pack.name == self.pack);
        let chosen = known.or(packs.last());
        self.pack = chosen.map(|pack| pack.name.clone()).unwrap_or_default();
        if self.text.is_none() {
            self.text = chosen.and_then(|pack| pack.text.clone().ok());
        }
        self
    }
}

/// The form as HTML.
pub(super) fn markup(form: &Form, packs: &[PackText], snapshot: &Snapshot) -> Markup {
    let unreadable = packs.iter().find(|pack| pack.name == form.pack);
    let unreadable = unreadable.and_then(|pack| pack.text.as_ref().err());
    html! {
        form.playground method="post" action=(Place::Playground.path()) data-swap="" {
            div.column {
                label for="request" { "Request" }
                p.quiet #request-hint { "curl, an HTTP message, a HAR, an audit line, or JSON with method, target and body" }
                textarea #request name="request" rows="22" spellcheck="false" autocomplete="off" aria-describedby="request-hint" { "\n" (form.request) }
                label for="caller" { "Caller" }
                (parts::callers(&form.caller, snapshot))
            }
            div.column {
                label for="pack" { "Pack" }
                div.row {
                    select #pack name="pack" data-load="" {
                        @for pack in packs { option value=(pack.name) selected[pack.name == form.pack] { (pack.name) } }
                    }
                    button type="submit" name="load" value="1" { "Load" }
                }
                @if let Some(fault) = unreadable { p.note { "It cannot be read: " (fault) } }
                label for="text" { "pack.yaml, as you would have it" }
                textarea #text name="text" rows="22" spellcheck="false" autocomplete="off" { "\n" (form.text.as_deref().unwrap_or_default()) }
            }
            div.row { button.primary type="submit" { "Try it" } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_as_browsers_send_it() {
        let form = Form::read(
            b"request=curl+-X+PUT%0D%0Ax&caller=a%26b&pack=p&text=rules%3A",
            true,
        );
        assert_eq!(form.request, "curl -X PUT\nx");
        assert_eq!((&*form.caller, &*form.pack), ("a&b", "p"));
        assert_eq!(form.text.as_deref(), Some("rules:"));
        assert!(form.was_sent);
        let load = Form::read(b"request=x&caller=a&pack=p&load=1&text=rules%3A", true);
        assert_eq!(
            (&*load.request, load.text, load.was_sent),
            ("x", None, false)
        );
    }
}
