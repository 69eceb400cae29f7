//! Names that a person, or a lenient parser, would take for one another.

/// The name without what the eye does not see: case, white space, control and invisible characters.
///
/// Upper case first and then lower, because some lenient readers compare the one and some the other: `ſ` equals `s` in
/// upper case only, the Kelvin sign equals `k` in lower case only.
pub(super) fn fold(name: &str) -> String {
    if name.bytes().all(|b| b.is_ascii_graphic()) {
        return name.to_ascii_lowercase();
    }
    name.chars()
        .filter(|&c| !(c.is_whitespace() || c.is_control() || is_invisible(c)))
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect()
}

/// The known name that a name means: itself, or else the one that it only looks like.
pub fn meant<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let same = known.iter().find(|known| **known == name);
    let meant = same.or_else(|| {
        let folded = fold(name);
        known.iter().find(|known| fold(known) == folded)
    });
    meant.copied()
}

/// Format and filler characters that leave no mark (Unicode `Default_Ignorable_Code_Point`, the ranges in use).
pub const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_means_itself_before_another() {
        let known = ["confId", "confID"];
        for (name, expected) in [
            ("confID", Some("confID")),
            ("CONFID", Some("confId")),
            ("conf ID", Some("confId")),
            ("conf_id", None),
        ] {
            assert_eq!(meant(name, &known), expected, "{name}");
        }
    }

    #[test]
    fn what_looks_alike_folds_alike() {
        for alike in [
            "vmrID",
            "vmrId",
            "VMRID",
            " vmrID",
            "vmr ID",
            "vmrID\u{200b}",
            "vmrID\t",
            "\u{feff}vmrID",
            "vmr\u{ad}ID",
            "vmrıD",
        ] {
            assert_eq!(fold(alike), "vmrid", "{alike:?}");
        }
        assert_eq!(fold("i\u{17f}Mute"), fold("isMute"));
        assert_eq!(fold("\u{212a}ey"), fold("key"));
        for other in ["vmr_ID", "vmrIDs", "vmrlD"] {
            assert_ne!(fold(other), "vmrid", "{other:?}");
        }
    }
}
