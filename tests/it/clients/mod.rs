//! Real clients other than the official SDK: messages as they put them on the wire, and what becomes of them.
//!
//! Where the messages come from, and the table of treatments, is in `README.md` beside them.

mod message;
mod treatment;
mod table;
mod golangsdk;
mod meeting_platform;
