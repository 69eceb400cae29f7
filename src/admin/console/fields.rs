//! The fields of a form as browsers send it.

/// Names and values, in order; the ends of lines in a text area are those of a file.
pub(super) fn read(form: &[u8]) -> impl Iterator<Item = (String, String)> {
    let fields = form_urlencoded::parse(form);
    fields.map(|(name, value)| (name.into_owned(), value.replace("\r\n", "\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_decoded_and_lines_end_as_in_files() {
        let fields: Vec<_> = read(b"a=x+y%0D%0Az&b=%26%3D&c").collect();
        let expected = [("a", "x y\nz"), ("b", "&="), ("c", "")];
        assert_eq!(
            fields,
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }
}
