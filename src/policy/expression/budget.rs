//! The steps that evaluations may take.

use super::failure::Failure;
use super::limits::{MAX_COST, text_steps};

/// How many steps are left. One budget may serve several expressions.
#[derive(Debug, Clone)]
pub(in crate::policy) struct Budget {
    left: u64,
}

impl Budget {
    /// So many steps.
    pub(in crate::policy) const fn new(steps: u64) -> Self {
        Self { left: steps }
    }

    /// Takes steps, if there are as many.
    #[inline]
    pub(super) const fn spend(&mut self, steps: u64) -> Result<(), Failure> {
        if let Some(left) = self.left.checked_sub(steps) {
            self.left = left;
            Ok(())
        } else {
            self.left = 0;
            Err(Failure::BudgetExhausted)
        }
    }

    /// Takes the steps for looking at a text. The estimate counts characters, of which each has at most four bytes.
    #[inline]
    pub(super) const fn spend_text(&mut self, text: &str) -> Result<(), Failure> {
        self.spend(text_steps(text.len() as u64 / 4))
    }

    /// Steps that are left.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "held against the estimate in tests")
    )]
    pub(in crate::policy) const fn left(&self) -> u64 {
        self.left
    }
}

impl Default for Budget {
    /// As many as one expression is allowed at worst.
    fn default() -> Self {
        Self::new(MAX_COST)
    }
}
