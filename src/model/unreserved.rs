//! The characters that stand for themselves in every part of a URI: RFC 3986, section 2.3.
//!
//! ```
//! use meeting_gateway::model::unreserved::ALL_BUT_UNRESERVED;
//! use percent_encoding::utf8_percent_encode;
//!
//! assert_eq!(utf8_percent_encode("a-b.c_d~", ALL_BUT_UNRESERVED).to_string(), "a-b.c_d~");
//! assert_eq!(utf8_percent_encode("a/b c&", ALL_BUT_UNRESERVED).to_string(), "a%2Fb%20c%26");
//! ```

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};

/// What is encoded in a path segment, or in a name or value of a query, that may be anything.
pub const ALL_BUT_UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
