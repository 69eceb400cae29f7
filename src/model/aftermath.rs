//! What a request came to whose answer is not to be had: only one that changes something may have been carried out.

use http::Method;

/// What a request came to whose answer is not to be had, as far as anybody can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aftermath {
    /// Nothing: it only reads, or was given up before anything was written.
    Unchanged,
    /// Nothing, and a smaller part of the list that it asks for may be had.
    AskForFewer,
    /// It changes something, and may have been carried out.
    MayBeDone,
}

impl Aftermath {
    /// Of a request with this method.
    pub fn of(method: &Method) -> Self {
        if method.is_safe() {
            Self::Unchanged
        } else {
            Self::MayBeDone
        }
    }

    /// The same as a sentence.
    pub(super) const fn told(self) -> &'static str {
        match self {
            Self::Unchanged => "Nothing was changed.",
            Self::AskForFewer => "Ask for fewer at a time, with `limit`.",
            Self::MayBeDone => {
                "The change may have been carried out; read the meeting before repeating it."
            }
        }
    }
}
