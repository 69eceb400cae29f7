//! JSON values as the gateway holds them: of requests, of rules, of what was changed.
//!
//! Not those of `serde_json`: a request's objects are read, asked and written again at every request, and its maps hash every name
//! for that with a hash that is made for much larger ones. Here the members stand in a row, in the order they came in; to pass over
//! one takes one comparison; names and texts of up to 24 bytes are not allocated. Numbers are those of `serde_json`, and so are the
//! faces: what is known of its values holds for these.
//!
//! ```
//! use meeting_gateway::model::json::{Object, Value, json};
//!
//! let value = json!({"length": 60, "cycleParams": {"cycle": "Day"}});
//! assert_eq!(value["cycleParams"]["cycle"], "Day");
//! assert!(value.get("subject").is_none());
//!
//! let mut members = Object::new();
//! assert!(members.insert("length".into(), 60.into()).is_none());
//! assert_eq!(members.insert("length".into(), 90.into()), Some(Value::from(60)));
//! assert_eq!(members.to_string(), r#"{"length":90}"#);
//! ```

mod conversions;
mod members;
mod object;
mod serde_form;
mod value;

pub use compact_str::CompactString as Text;
#[doc(hidden)]
pub use serde_json;
pub use serde_json::Number;

pub use members::{IntoMembers, Members, MembersMut};
pub use object::Object;
pub use value::Value;

/// A [`Value`] from a literal, as `serde_json::json!` writes it.
#[macro_export]
#[doc(hidden)]
macro_rules! gateway_json {
    ($($literal:tt)+) => {
        $crate::model::json::Value::from($crate::model::json::serde_json::json!($($literal)+))
    };
}

pub use gateway_json as json;
