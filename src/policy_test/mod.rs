//! Tests policy packs: finds their cases, sends each down the production path ([`explain`](crate::explain)), holds what became of it
//! against what was expected, and counts which branches of the rules were taken.
//!
//! The format of cases is in `policies/README.md`; they are read by [`policy::cases`](crate::policy::cases). Nothing is sent
//! anywhere. A test that panics has failed, and the others go on.
//!
//! ```
//! use meeting_gateway::policy_test::Suite;
//!
//! let suite = Suite::load(&["policies/baseline".into()]);
//! assert!(suite.problems().is_empty());
//! for pack in suite.packs() {
//!     let mut coverage = pack.coverage();
//!     for test in pack.tests() {
//!         let report = test.run();
//!         assert_eq!(report.failure, None, "{}", test.name());
//!         coverage.as_mut().unwrap().add(&report.decisions);
//!     }
//!     assert!(coverage.unwrap().is_complete());
//! }
//!
//! let nowhere = Suite::load(&["policies/basline".into()]);
//! assert_eq!(nowhere.problems()[0].what, "there is no such file or folder");
//! ```

mod find;
mod suite;
mod ask;
mod compare;
mod difference;
mod failure;
mod test;
mod results;
mod holds;
#[cfg(test)]
mod tests;

pub use failure::{Acted, Difference, Failure};
pub use holds::holds;
pub use results::{Demands, FileResults, PackResults, Results, Totals, Unmet};
pub use suite::{FileSuite, PackSuite, Suite};
pub use test::{Report, Test};
