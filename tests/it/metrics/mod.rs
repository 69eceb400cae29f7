//! Metrics as a whole: the list and what is written of it.

mod document;
