//! Why an expression had no value.

/// Why an evaluation failed. None of them holds anything of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(in crate::policy) enum Failure {
    /// It would take more steps than are left.
    #[error("the expression takes too many steps")]
    BudgetExhausted,
    /// Something is read that is not there.
    #[error("the expression reads a value that is absent")]
    Absent,
    /// A value is of another type than the expression needs.
    #[error("a value is not of the type {0}")]
    NotOfType(&'static str),
    /// A whole number beyond 64 bits, or a time beyond the calendar.
    #[error("a result is too large")]
    Overflow,
    /// Division or remainder by zero.
    #[error("a number is divided by zero")]
    DivisionByZero,
    /// An index that the list or text does not have.
    #[error("an index lies outside of its list or text")]
    OutOfRange,
    /// A text that cannot be read as what a function makes of it.
    #[error("a text is not {0}")]
    NotReadable(&'static str),
}
