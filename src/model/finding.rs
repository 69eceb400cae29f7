//! Something that is wrong with a request: where, by which rule, what was expected, what was there.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// What a violation leads to. Data on each rule, never a global switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Refuse the request, or change it as the rule says.
    Enforce,
    /// Let it pass unchanged, and tell the caller.
    Warn,
    /// Let it pass unchanged, and write it in the audit log only.
    Audit,
}

impl Mode {
    /// The lower-case name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Warn => "warn",
            Self::Audit => "audit",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a finding or change is about: a part of the request, or the answer to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Location {
    /// The JSON body; positions are JSON Pointers.
    Body,
    /// The query string; positions are parameter names.
    Query,
    /// The header fields; positions are header names.
    Header,
    /// The upstream's answer; positions are JSON Pointers in it. Findings only.
    Answer,
}

impl Location {
    /// The lower-case name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::Query => "query",
            Self::Header => "header",
            Self::Answer => "answer",
        }
    }
}

/// One violation, or a difference between what was asked for and what the upstream answers; safe to show: values of sensitive members are masked by whoever makes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Body, query, header or answer.
    #[serde(rename = "in")]
    pub location: Location,
    /// JSON Pointer in the body (of the member itself, also where it is missing) or the answer, or a parameter's name.
    pub pointer: String,
    /// The JSON Schema keyword or the policy verb that failed: `maximum`, `required`, `one_of`.
    pub keyword: Cow<'static, str>,
    /// The policy rule, as `pack/rule`; absent for the contract.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<Arc<str>>,
    /// What would have been right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What was there, shortened, masked where it is sensitive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub got: Option<String>,
    /// A sentence for a person.
    pub message: String,
    /// What it leads to.
    pub mode: Mode,
    /// Why it leads to nothing, where the caller is exempt from the rule, and until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exemption: Option<Arc<str>>,
}
