//! The bounds of an expression, all in one place. They are checked when it is loaded, so that no request can meet an
//! expression that is too large or too slow.

/// Most bytes of its text.
pub(super) const MAX_TEXT: usize = 2_048;
/// Most levels of its tree, and of brackets within brackets. Every recursion over an expression ends here.
pub(super) const MAX_DEPTH: u8 = 32;
/// Most nodes of its tree.
pub(super) const MAX_NODES: usize = 512;
/// Most loops within loops.
pub(super) const MAX_LOOPS: usize = 2;
/// Most steps that it may take on the largest body that fits the contract.
pub(super) const MAX_COST: u64 = 2_000_000;
/// What a list or a text counts whose size the contract does not bound.
pub(super) const UNBOUNDED: u64 = 10_000;
/// Characters that one step looks at in a text.
pub(super) const CHARACTERS_PER_STEP: u64 = 10;

/// Steps for looking at so many characters.
pub(super) const fn text_steps(characters: u64) -> u64 {
    characters / CHARACTERS_PER_STEP + 1
}
