//! Floor 1: the rule engine. Packs of rules are read, compiled against the fields of each operation, and asked on every
//! request. Pure: no I/O, no clock, no knowledge of HTTP.
//!
//! How to write a pack is in `policies/README.md`. In short: a rule has one verb for one field; it changes the body or
//! refuses the request; its mode says whether it does so or only tells what it would do. A field that is absent counts
//! as its documented default, because an update replaces the whole meeting.
//!
//! ```
//! use meeting_gateway::model::document::Document;
//! use meeting_gateway::model::field::{Field, FieldType};
//! use meeting_gateway::model::operation::{Family, Operation};
//! use meeting_gateway::model::principal::{Caller, UpstreamUser};
//! use meeting_gateway::model::scopes::Scopes;
//! use meeting_gateway::policy::{self, Context, Effects, Facts, OperationFields, Verdict, pack};
//!
//! static UPDATE: Operation = Operation::new("update_meeting", http::Method::PUT, "/v1/mmc/management/conferences", Family::Scheduling);
//! let fields = [Field::new("/encryptMode", FieldType::Integer), Field::new("/startTime", FieldType::String)];
//! let pack = pack::read("pack.yaml", "
//! pack: house
//! rules:
//!   - {id: encryption, force: {field: /encryptMode, value: 1}}
//!   - {id: start, require: {field: /startTime}, message: Say when the meeting starts.}
//! ").unwrap();
//! let operations = [OperationFields { operation: &UPDATE, fields: &fields, parameters: &[] }];
//! let rules = policy::compile(&[pack], &Context::of(&operations)).unwrap();
//!
//! let caller = Caller {
//!     id: "hr".into(), index: 0, groups: [].into(), scopes: Scopes::default(),
//!     claims: Default::default(), upstream_user: UpstreamUser::SignedIn,
//! };
//! let facts = Facts::of(&UPDATE, &caller);
//! let decide = |body: meeting_gateway::model::json::Value| {
//!     let mut document = Document(body.as_object().unwrap().clone());
//!     let mut effects = Effects::default();
//!     (rules.evaluate(&facts, &mut document, &mut effects), document, effects)
//! };
//!
//! let (verdict, document, _) = decide(meeting_gateway::model::json::json!({"startTime": "2027-01-01 09:00"}));
//! assert_eq!((verdict, &document.0["encryptMode"]), (Verdict::Allow, &1.into()));
//!
//! let (verdict, _, effects) = decide(meeting_gateway::model::json::json!({}));
//! assert_eq!(verdict, Verdict::Deny);
//! assert_eq!(effects.findings[0].message, "Say when the meeting starts.");
//! ```

mod yaml;
mod scalar_position;
mod sheet;
mod field_path;
mod patterns;
mod value;
mod scope;
mod caller_marks;
mod exemption;
mod binding;
mod verb;
mod missing_fields;
pub mod pack;
mod fix;
mod demand;
mod rule;
mod facts;
mod expression;
mod rule_set;
mod compile;
mod evaluate;
mod reach;
mod time_zone;
mod phone;
pub mod cases;
pub mod coverage;
#[cfg(test)]
mod fixture;

pub use binding::Binding;
pub use compile::{Context, OperationFields, compile};
pub use evaluate::MAX_FINDINGS;
pub use exemption::Exemption;
pub use expression::reference as expression_reference;
pub use facts::{Effects, Facts, Verdict};
pub use missing_fields::MissingFields;
pub use pack::Pack;
pub use reach::Reach;
pub use rule_set::{ExemptionSummary, PackSummary, RuleSet, RuleSummary};
pub use scope::Callers;
