//! Metrics as a whole: the list, what is written of it, and what a running gateway shows of everything in it.

mod series;
mod collector;

mod document;
mod whole;
mod cardinality;
