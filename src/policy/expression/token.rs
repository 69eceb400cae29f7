//! The words of an expression.

/// A part of an expression's text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Span {
    /// From the beginning of this one to the end of another.
    pub(super) const fn to(self, last: Self) -> Self {
        Self {
            start: self.start,
            end: last.end,
        }
    }

    /// The text that it covers.
    pub(super) fn of(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

/// A word and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) word: Word,
    pub(super) span: Span,
}

/// One word.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Word {
    /// A name or keyword; the span has it.
    Name,
    /// A whole number without its sign, so that the smallest one can be written.
    Int(u64),
    Double(f64),
    Text(Box<str>),
    Symbol(Symbol),
    /// Behind the last word.
    End,
}

macro_rules! symbols {
    ($($name:ident $written:literal),+ $(,)?) => {
        /// An operator or bracket.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Symbol { $($name),+ }

        impl Symbol {
            /// All of them; a longer one stands before those that it begins with.
            pub(super) const ALL: &'static [Self] = &[$(Self::$name),+];

            /// As it is written.
            pub(super) const fn written(self) -> &'static str {
                match self { $(Self::$name => $written),+ }
            }
        }
    };
}

symbols! {
    And "&&", Or "||", Equal "==", NotEqual "!=", LessEqual "<=", GreaterEqual ">=",
    Less "<", Greater ">", Not "!", Minus "-", Plus "+", Times "*", Divide "/", Remainder "%",
    Question "?", Colon ":", Dot ".", Comma ",",
    Open "(", Close ")", OpenList "[", CloseList "]", OpenMap "{", CloseMap "}",
}
