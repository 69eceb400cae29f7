//! Masks a token in bytes that come in pieces, wherever the pieces are cut. Lengths stay, so that an announced one stays true.
//! A file is no JSON, so a token in some escaped form is not looked for.

use bytes::{Bytes, BytesMut};
use memchr::memmem::Finder;

/// Looks for one token.
#[derive(Debug)]
pub(super) struct TokenFilter {
    token: Finder<'static>,
    /// The end of what came so far, where the token may have begun.
    held: Bytes,
}

impl TokenFilter {
    pub(super) fn new(token: &[u8]) -> Self {
        Self {
            token: Finder::new(token).into_owned(),
            held: Bytes::new(),
        }
    }

    /// Takes a piece, gives what can go on of it and of what was held back. A piece without the token is not copied.
    pub(super) fn pass(&mut self, piece: Bytes) -> Bytes {
        let mut text = if self.held.is_empty() {
            piece
        } else {
            let held = std::mem::take(&mut self.held);
            [&held[..], &piece[..]].concat().into()
        };
        let length = self.token.needle().len();
        if length > 0 && self.token.find(&text).is_some() {
            let found: Vec<usize> = self.token.find_iter(&text).collect();
            let mut masked = BytesMut::from(text);
            for at in found {
                if let Some(token) = masked.get_mut(at..at + length) {
                    token.fill(b'*');
                }
            }
            text = masked.freeze();
        }
        self.held = text.split_off(text.len() - self.beginning_at_end_of(&text));
        text
    }

    /// What was held back, at the end.
    pub(super) fn rest(&mut self) -> Bytes {
        std::mem::take(&mut self.held)
    }

    /// The length of the longest beginning of the token that the text ends with.
    fn beginning_at_end_of(&self, text: &[u8]) -> usize {
        let token = self.token.needle();
        let longest = token.len().saturating_sub(1).min(text.len());
        let ends_with = |length: &usize| text.ends_with(&token[..*length]);
        (1..=longest).rev().find(ends_with).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_masked_however_it_is_cut() {
        let text = b"a cnr-cnr-token b cnr-token";
        for first in 0..text.len() {
            for second in first..text.len() {
                let mut filter = TokenFilter::new(b"cnr-token");
                let mut out = Vec::new();
                for piece in [&text[..first], &text[first..second], &text[second..]] {
                    out.extend(filter.pass(Bytes::copy_from_slice(piece)));
                }
                out.extend(filter.rest());
                assert_eq!(out, b"a cnr-********* b *********", "{first} {second}");
            }
        }
    }

    #[test]
    fn what_does_not_hold_the_token_is_not_copied() {
        let mut filter = TokenFilter::new(b"cnr-token");
        let piece = Bytes::from_static(b"nothing of it");
        assert_eq!(filter.pass(piece.clone()).as_ptr(), piece.as_ptr());
        assert!(filter.rest().is_empty());
    }
}
