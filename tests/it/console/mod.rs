//! The console on the operator's listener of a whole gateway: who may come in, what each page shows, and what is never sent.

mod access;
mod explorer;
mod live;
mod playground;
mod rules;
mod stand;
