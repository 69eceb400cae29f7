//! An operation of the upstream's API: what the gateway knows by name.

use http::Method;
use http::header::HeaderName;
use serde::Deserialize;

/// How requests of an operation are treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Creates or replaces a meeting or a series: the full path with schema and policy.
    Scheduling,
    /// Changes one meeting of a series: the full path, with a schema of its own.
    SubMeeting,
    /// Cancels meetings: the full path.
    Cancel,
    /// Reads meetings, of now and then: the full path without a body, and answers redacted.
    Read,
    /// Signs a caller in: answered by the gateway itself, never sent on.
    Authentication(TokenOperation),
    /// Known by name, and refused, since nothing would hold it to the policy, unless the configuration allows it: then it is
    /// passed on as it is.
    Relayed,
}

impl Family {
    /// Whether requests are held to a contract and to the policy before they are sent on.
    pub const fn is_governed(self) -> bool {
        match self {
            Self::Scheduling | Self::SubMeeting | Self::Cancel | Self::Read => true,
            Self::Authentication(_) | Self::Relayed => false,
        }
    }

    /// The name in the registry and in documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scheduling => "scheduling",
            Self::SubMeeting => "sub_meeting",
            Self::Cancel => "cancel",
            Self::Read => "read",
            Self::Authentication(_) => "authentication",
            Self::Relayed => "relayed",
        }
    }
}

/// The operations on tokens that the gateway answers itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenOperation {
    /// An App ID and a signature for a token.
    Create,
    /// A new token for one that still holds.
    Update,
    /// The end of a sign-in.
    Delete,
    /// What a token is good for.
    Validate,
}

/// The worst that an operation can be used for, where nothing governs it. The first that fits counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// Sets or undoes what policies are about: meetings, webinars, meeting rooms, control of running meetings.
    Policy,
    /// Tells or sets what opens a door: passwords, links, tokens, keys; or leads events away.
    Credentials,
    /// Changes the enterprise: people, departments, devices, resources.
    Administration,
    /// Tells of people.
    PersonalData,
    /// None of these.
    Low,
}

impl Risk {
    /// The name in the registry and in documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Credentials => "credentials",
            Self::Administration => "administration",
            Self::PersonalData => "personal_data",
            Self::Low => "low",
        }
    }
}

/// How a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyMedia {
    /// `application/json`.
    #[default]
    Json,
    /// `multipart/form-data`: a file.
    Form,
}

/// The shape of an answer to a request that succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerShape {
    /// A list of meetings.
    ConferenceList,
    /// One page of a list of meetings.
    ConferencePage,
    /// A meeting with its participants.
    ConferenceDetail,
    /// One page of a list of something else.
    Page,
    /// A token.
    Token,
    /// Nothing.
    Empty,
    /// Nobody has said.
    Unknown,
}

/// One operation: a method on a path template.
#[derive(Debug, PartialEq, Eq)]
pub struct Operation {
    /// Its place in the registry, counted from zero; of one that is not from there, none that is in any.
    pub index: usize,
    /// Stable name in snake case, as the official SDK calls it: `update_recurring_meeting`.
    pub name: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path template, parameters in braces; a low-cardinality `http.route`.
    pub template: &'static str,
    /// How it is treated.
    pub family: Family,
    /// What it can be used for.
    pub risk: Risk,
    /// The documented query parameters.
    pub query: Vec<&'static str>,
    /// The documented headers of its own, beside those that every operation has.
    pub headers: Vec<HeaderName>,
    /// The official SDK's name of the body's type, if there is a body.
    pub body: Option<&'static str>,
    /// How its body is written, if there is one.
    pub media: BodyMedia,
    /// What its answer is like.
    pub answer: AnswerShape,
}

impl Operation {
    /// An operation of which nothing is known but this.
    pub const fn new(
        name: &'static str,
        method: Method,
        template: &'static str,
        family: Family,
    ) -> Self {
        Self {
            index: usize::MAX,
            name,
            method,
            template,
            family,
            risk: Risk::Policy,
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
            media: BodyMedia::Json,
            answer: AnswerShape::Unknown,
        }
    }
}

/// A known operation. Operations are compiled in, so a reference is all anybody needs.
pub type OperationRef = &'static Operation;
