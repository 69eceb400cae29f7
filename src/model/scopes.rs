//! What a caller may see in answers.
//!
//! ```
//! use meeting_gateway::model::scopes::Scopes;
//!
//! let scopes: Scopes = ["secrets"].into_iter().collect();
//! assert!(scopes.show_secrets());
//! assert!(!scopes.show_personal_data());
//! ```

use std::ops::Deref;

/// The names of scopes. Which of the two that the gateway knows are among them is known beforehand: every answer asks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scopes {
    names: Box<[Box<str>]>,
    secrets: bool,
    personal_data: bool,
}

impl Scopes {
    /// The scope that lets passwords, join links and other credentials through in answers.
    pub const SECRETS: &'static str = "secrets";
    /// The scope that lets personal data through in answers.
    pub const PERSONAL_DATA: &'static str = "personal_data";

    /// Whether [`SECRETS`](Self::SECRETS) is among them.
    pub const fn show_secrets(&self) -> bool {
        self.secrets
    }

    /// Whether [`PERSONAL_DATA`](Self::PERSONAL_DATA) is among them.
    pub const fn show_personal_data(&self) -> bool {
        self.personal_data
    }
}

impl<N: Into<Box<str>>> FromIterator<N> for Scopes {
    fn from_iter<I: IntoIterator<Item = N>>(names: I) -> Self {
        let names: Box<[Box<str>]> = names.into_iter().map(Into::into).collect();
        let has = |scope: &str| names.iter().any(|name| **name == *scope);
        Self {
            secrets: has(Self::SECRETS),
            personal_data: has(Self::PERSONAL_DATA),
            names,
        }
    }
}

impl Deref for Scopes {
    type Target = [Box<str>];

    fn deref(&self) -> &[Box<str>] {
        &self.names
    }
}
