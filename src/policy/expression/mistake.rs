//! What is wrong with the text of an expression.

/// One mistake in an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::policy) struct Mistake {
    /// Where in the text, in bytes from its beginning; at a character's beginning, or at the end of the text.
    pub(in crate::policy) offset: usize,
    /// What is wrong: a lower-case fragment without a full stop.
    pub(in crate::policy) what: String,
    /// What to do, if that can be said.
    pub(in crate::policy) hint: Option<String>,
    /// Whether it is only that the operation does not have something by that name. Another one may have it.
    pub(in crate::policy) lacking: bool,
}

impl Mistake {
    pub(super) fn new(offset: usize, what: impl Into<String>) -> Self {
        Self {
            offset,
            what: what.into(),
            hint: None,
            lacking: false,
        }
    }

    pub(super) fn lacking(mut self) -> Self {
        self.lacking = true;
        self
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Proposes the known name that is nearest to a wrong one, if one is near.
    pub(super) fn nearest<'a>(self, wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        match crate::model::problem::nearest(wrong, known) {
            Some(name) => self.hint(format!("did you mean `{name}`?")),
            None => self,
        }
    }
}
