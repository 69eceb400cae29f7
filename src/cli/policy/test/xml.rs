//! A small writer of XML 1.0: elements, attributes, text. It cannot write what is not well-formed.

use std::fmt::Write as _;

/// A document under way.
#[derive(Debug)]
pub struct Writer {
    out: String,
    open: Vec<&'static str>,
}

impl Writer {
    /// Begins a document.
    pub fn new() -> Self {
        Self {
            out: r#"<?xml version="1.0" encoding="UTF-8"?>"#.to_owned(),
            open: Vec::new(),
        }
    }

    /// Writes an element; what is in it is written by `inside`.
    pub fn element(
        &mut self,
        name: &'static str,
        attributes: &[(&'static str, &str)],
        inside: impl FnOnce(&mut Self),
    ) {
        self.line();
        let _ = write!(self.out, "<{name}");
        for (name, value) in attributes {
            let _ = write!(self.out, " {name}=\"");
            self.escaped(value, true);
            self.out.push('"');
        }
        let start = self.out.len();
        self.out.push('>');
        self.open.push(name);
        inside(self);
        self.open.pop();
        match self.out.get(start + 1..) {
            None | Some("") => {
                self.out.truncate(start);
                self.out.push_str("/>");
            }
            Some(inner) => {
                // A text is closed where it ends, elements in a line of their own.
                if inner.ends_with('>') && inner.starts_with('\n') {
                    self.line();
                }
                let _ = write!(self.out, "</{name}>");
            }
        }
    }

    /// Writes text into the element that is open.
    pub fn text(&mut self, text: &str) {
        self.escaped(text, false);
    }

    /// Ends the document.
    pub fn finish(mut self) -> String {
        self.out.push('\n');
        self.out
    }

    fn line(&mut self) {
        self.out.push('\n');
        self.out.push_str(&"  ".repeat(self.open.len()));
    }

    fn escaped(&mut self, text: &str, attribute: bool) {
        for c in text.chars() {
            match c {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '"' => self.out.push_str("&quot;"),
                // A reader makes spaces of them in an attribute, and of a carriage return a line break anywhere.
                '\n' | '\t' if attribute => {
                    let _ = write!(self.out, "&#{};", u32::from(c));
                }
                '\r' => self.out.push_str("&#13;"),
                '\n' | '\t' => self.out.push(c),
                // No document may have these, not even escaped.
                c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => self.out.push('\u{fffd}'),
                c => self.out.push(c),
            }
        }
    }
}

impl Default for Writer {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(attribute: &str, text: &str) -> String {
        let mut xml = Writer::new();
        xml.element("a", &[("b", attribute)], |xml| xml.text(text));
        xml.finish()
    }

    #[test]
    fn elements_are_nested_and_closed() {
        let mut xml = Writer::new();
        xml.element("a", &[("b", "c")], |xml| {
            xml.element("d", &[], |_| ());
            xml.element("e", &[], |xml| xml.text("x > y\n"));
        });
        let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a b=\"c\">\n  <d/>\n  <e>x &gt; y\n</e>\n</a>\n";
        assert_eq!(xml.finish(), expected);
    }

    #[test]
    fn what_no_document_may_have_is_replaced() {
        let document = written("\u{0}\u{1b}[1m", "\u{b}\u{ffff}");
        let read = roxmltree::Document::parse(&document).unwrap();
        let root = read.root_element();
        assert_eq!(root.attribute("b"), Some("\u{fffd}\u{fffd}[1m"));
        assert_eq!(root.text(), Some("\u{fffd}\u{fffd}"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_text_comes_back(attribute in "[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\u{fffe}\\u{ffff}]*",
                                 text in "[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\u{fffe}\\u{ffff}]*") {
            let document = written(&attribute, &text);
            let read = roxmltree::Document::parse(&document).unwrap();
            let root = read.root_element();
            prop_assert_eq!(root.attribute("b"), Some(&*attribute));
            prop_assert_eq!(root.text().unwrap_or_default(), text);
        }
    }
}
