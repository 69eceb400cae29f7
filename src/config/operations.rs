//! `operations`: what is let through beside the operations that the policy governs.

use serde_json::Value as Json;

use crate::config::kind::{Kind, checked, list, text};
use crate::config::reader::{Place, Reader};
use crate::config::section::section;
use crate::model::problem::Problem;

section! {
    /// What is let through beside the operations that the policy governs.
    pub struct Operations {
        /// Names of operations whose requests are passed on without a look at their bodies, by neither schema nor policy.
        allow: Vec<AllowedOperation> = checked(list(Name), unique),
    }
}

/// An operation that is let through, by its name; whether there is one of that name is not known here.
#[derive(Debug, Clone)]
pub struct AllowedOperation {
    /// The name, such as `show_my_info`.
    pub name: String,
    /// The mistake or warning to report of it; its text is filled in by whoever knows what is wrong.
    pub(crate) problem: Problem,
}

/// The kind of such a name.
struct Name;

impl Kind for Name {
    type Value = AllowedOperation;

    fn read(&self, place: Place<'_>, reader: &mut Reader<'_>) -> Option<AllowedOperation> {
        let name = text().read(place, reader)?;
        if name.contains('*') {
            reader.problem(
                &place.node.origin,
                place.at,
                format!("`{name}` stands for more than one operation"),
                "name each operation: nothing holds them to the policy",
            );
            return None;
        }
        Some(AllowedOperation {
            name,
            problem: reader.describe(&place.node.origin, place.at, String::new(), String::new()),
        })
    }

    fn schema(&self) -> Json {
        let mut schema = text().schema();
        schema["pattern"] = "^[^*]+$".into();
        schema
    }
}

fn unique(
    allowed: Vec<AllowedOperation>,
    _: Place<'_>,
    reader: &mut Reader<'_>,
) -> Vec<AllowedOperation> {
    for (index, one) in allowed.iter().enumerate() {
        if allowed[..index].iter().any(|other| other.name == one.name) {
            let what = format!("`{}` is here twice", one.name);
            reader.found(one.problem(what, "keep one of them"));
        }
    }
    allowed
}

impl AllowedOperation {
    /// What is wrong with it, at its place. An empty hint is none.
    pub fn problem(&self, what: String, hint: impl Into<String>) -> Problem {
        let hint = hint.into();
        Problem {
            what,
            hint: (!hint.is_empty()).then_some(hint),
            ..self.problem.clone()
        }
    }
}
