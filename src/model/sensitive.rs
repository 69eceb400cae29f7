//! The one place that says what is a credential or personal data: for answers, logs, findings, traces and the audit log alike.
//!
//! It is said of [members](of_member) of JSON, of [parameters](of_parameter) in paths and queries and of [headers](of_header), by
//! their names; and of what [looks like a token](without_tokens) in texts that nobody wrote for a program to read.
//!
//! The source of the lists of members: the upstream's documentation and the models of its official SDK, of every operation that answers with such
//! members: meetings, webinars, rooms, recordings, histories, users, applications, tokens. A name is compared exactly as the
//! upstream spells it, misspellings included. It is judged by itself, wherever it stands, so what is ambiguous is taken for the
//! more sensitive of its meanings: `name` is a person's in most answers, and is masked where it is a product's, too.
//!
//! Not here, and so never masked: what identifies a meeting (`conferenceID`, `cycleSubConfID`, `vmrConferenceID`, `confUUID`)
//! or describes it (`subject`, `conferenceRole`, `description`), the address at which everybody may watch (`liveUrl`), what
//! only names a field (`thirdEmail` and its like, in the settings of a sign-on), and names that say too little to judge by.
//!
//! Some such names tell of people where the value is a list of texts: `id` is a number of a meeting's layout, a person's or
//! anything's, but in `picDisplay.subscriberInPics` a list of SIP numbers. See [`of_listed`].
//!
//! ```
//! use meeting_gateway::model::sensitive::{self, Sensitivity};
//!
//! assert_eq!(sensitive::of_member("guestPwd"), Sensitivity::OpensMeeting);
//! assert_eq!(sensitive::of_member("refreshToken"), Sensitivity::Credential);
//! assert_eq!(sensitive::of_member("phone"), Sensitivity::Personal);
//! assert_eq!(sensitive::of_member("length"), Sensitivity::Public);
//! assert_eq!(sensitive::of_parameter("searchKey"), Sensitivity::Personal);
//! assert_eq!(sensitive::of_header("x-conference-authorization"), Sensitivity::Credential);
//! ```

use std::sync::LazyLock;

use super::json_walk::mark;
use super::scopes::Scopes;
use crate::model::json::Value;

mod header;
mod members;
mod parameter;
mod token_form;
#[cfg(test)]
mod tests;

pub use header::of_header;
use members::{CLASSES, PERSONAL_LISTS};
pub use parameter::of_parameter;
pub use token_form::without_tokens;

/// What stands in place of a value that may not be shown.
pub const MASK: &str = "***";

/// How carefully a value must be treated. All but what is public is masked in logs, findings, traces and the audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sensitivity {
    /// May be shown anywhere.
    Public,
    /// Tells something about a person.
    Personal,
    /// Opens a meeting, from any network and without this gateway.
    OpensMeeting,
    /// Opens another door: a token, a key, a password of an account.
    Credential,
}

impl Sensitivity {
    /// The scope without which a caller sees such values in no answer; none for what is public.
    pub const fn scope(self) -> Option<&'static str> {
        match self {
            Self::Public => None,
            Self::Personal => Some(Scopes::PERSONAL_DATA),
            Self::OpensMeeting | Self::Credential => Some(Scopes::SECRETS),
        }
    }

    /// Whether it opens any door.
    pub const fn is_credential(self) -> bool {
        matches!(self, Self::OpensMeeting | Self::Credential)
    }
}

/// The sensitivity of a JSON member by its name.
pub fn of_member(name: &str) -> Sensitivity {
    // Asked of every member of every answer: length and ends alone rule nearly every public name out.
    let Some(of_this_length) = BY_LENGTH.get(name.len()) else {
        return Sensitivity::Public;
    };
    if of_this_length.marks & mark(name.as_bytes()) == 0 {
        return Sensitivity::Public;
    }
    let ends = ends(name);
    let mut known = of_this_length.names.iter();
    known
        .find(|known| known.ends == ends && known.name == name)
        .map_or(Sensitivity::Public, |known| known.sensitivity)
}

/// The sensitivity of the texts and numbers in the list that a JSON member of this name has for a value.
///
/// ```
/// use meeting_gateway::model::sensitive::{Sensitivity, of_listed, of_member};
///
/// assert_eq!(of_member("id"), Sensitivity::Public);
/// assert_eq!(of_listed("id"), Sensitivity::Personal);
/// ```
pub fn of_listed(name: &str) -> Sensitivity {
    match of_member(name) {
        Sensitivity::Public if PERSONAL_LISTS.contains(&name) => Sensitivity::Personal,
        sensitivity => sensitivity,
    }
}

/// A name that is not public.
#[derive(Debug)]
struct Known {
    ends: Option<[u8; 2]>,
    name: &'static str,
    sensitivity: Sensitivity,
}

/// The first byte and the last.
#[inline]
fn ends(name: &str) -> Option<[u8; 2]> {
    let bytes = name.as_bytes();
    Some([*bytes.first()?, *bytes.last()?])
}

/// The names of one length that are not public.
#[derive(Debug, Default)]
struct OfLength {
    /// The [`mark`]s of all.
    marks: u64,
    names: Vec<Known>,
}

/// What [`CLASSES`] say, by the length of the name.
static BY_LENGTH: LazyLock<Vec<OfLength>> = LazyLock::new(|| {
    let mut by_length = Vec::new();
    for (sensitivity, names) in CLASSES {
        for &name in names {
            if by_length.len() <= name.len() {
                by_length.resize_with(name.len() + 1, OfLength::default);
            }
            let of_this_length = &mut by_length[name.len()];
            of_this_length.marks |= mark(name.as_bytes());
            of_this_length.names.push(Known {
                ends: ends(name),
                name,
                sensitivity,
            });
        }
    }
    by_length
});

/// Whether a member shows [`MASK`] in place of a value, or of one in a list. What is public and happens to read so is a value.
pub fn is_masked(name: &str, value: &Value) -> bool {
    let is_mask = |value: &Value| value.as_str() == Some(MASK);
    let shows = is_mask(value)
        || value
            .as_array()
            .is_some_and(|items| items.iter().any(is_mask));
    shows && of_listed(name) != Sensitivity::Public
}
