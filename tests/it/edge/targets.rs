//! Targets that two readers take for two paths, or two values of a parameter.

use super::attack::{good_at, malformed, passes, refused};
use crate::support::request::TARGET;

const TWO_WAYS: (u16, &str) = (400, "MGW.4000001");
const UNKNOWN: (u16, &str) = (404, "MGW.4040001");
const PATH: &str = "/v1/mmc/management/cycleconferences";
const ID: &str = "?conferenceID=914087436";

fn path(path: &str) -> String {
    good_at(&format!("{path}{ID}"))
}

fn query(query: &str) -> String {
    good_at(&format!("{PATH}?{query}"))
}

fn with_byte(byte: u8) -> Vec<u8> {
    let text = good_at(&format!("{PATH}\x01{ID}"));
    text.bytes()
        .map(|one| if one == 1 { byte } else { one })
        .collect()
}

attacks! {
    two_slashes: refused("`//` inside", path("/v1/mmc//management/cycleconferences"), TWO_WAYS);
    two_slashes_first: refused("`//` at the beginning", path(&format!("/{PATH}")), TWO_WAYS);
    three_slashes: refused("`///`", path("/v1///mmc/management/cycleconferences"), TWO_WAYS);
    slash_last: refused("a slash at the end", path(&format!("{PATH}/")), TWO_WAYS);
    dot: refused("a dot segment", path("/v1/./mmc/management/cycleconferences"), TWO_WAYS);
    dots: refused("a dot-dot segment", path("/v1/x/../mmc/management/cycleconferences"), TWO_WAYS);
    dots_outside: refused("dot-dot above the root", path(&format!("/..{PATH}")), TWO_WAYS);
    dots_encoded: refused("encoded dot-dot", path("/v1/x/%2e%2e/mmc/management/cycleconferences"), TWO_WAYS);
    dots_half_encoded: refused("half encoded dot-dot", path("/v1/x/.%2E/mmc/management/cycleconferences"), TWO_WAYS);
    dots_encoded_twice: refused("dot-dot encoded twice", path("/v1/x/%252e%252e/mmc/management/cycleconferences"), TWO_WAYS);
    dots_parameter: refused("dot-dot with a path parameter", path("/v1/x/..;/mmc/management/cycleconferences"), TWO_WAYS);
    slash_encoded: refused("an encoded slash", path("/v1/mmc%2fmanagement/cycleconferences"), TWO_WAYS);
    slash_encoded_twice: refused("a slash encoded twice", path("/v1/mmc%252fmanagement/cycleconferences"), TWO_WAYS);
    slash_overlong: refused("a slash in overlong UTF-8", path("/v1/mmc%c0%afmanagement/cycleconferences"), TWO_WAYS);
    letter_encoded: refused("an encoded letter", path("/v1/mmc/management/%63ycleconferences"), TWO_WAYS);
    nul_encoded: refused("an encoded NUL", path(&format!("{PATH}%00")), TWO_WAYS);
    line_encoded: refused("an encoded line end", path(&format!("{PATH}%0d%0aHost:%20x")), TWO_WAYS);
    percent_alone: refused("a percent sign alone", path(&format!("{PATH}%")), TWO_WAYS);
    semicolon: refused("a path parameter", path(&format!("{PATH};a=b")), TWO_WAYS);
    backslash: refused("a backslash", path("/v1\\mmc/management/cycleconferences"), TWO_WAYS);
    upper_case: refused("another case", path("/V1/mmc/management/cycleconferences"), UNKNOWN);
    fragment: malformed("a fragment", good_at(&format!("{PATH}#{ID}")));
    fragment_last: malformed("an empty fragment", good_at(&format!("{TARGET}#")));
    space: malformed("a space", good_at(&format!("{PATH} x{ID}")));
    tab: malformed("a tab", with_byte(b'\t'));
    nul: malformed("NUL", with_byte(0));
    delete: malformed("DEL", with_byte(0x7f));
    overlong: malformed("overlong UTF-8 as it is", with_byte(0xc0));
    no_slash: malformed("no slash first", path("v1/mmc/management/cycleconferences"));
    empty: malformed("an empty target", good_at(""));
    question_mark: refused("a question mark first", good_at(&format!("/?{PATH}")), UNKNOWN);

    twice: refused("a parameter twice", query("conferenceID=914087436&conferenceID=1"), TWO_WAYS);
    twice_the_same: refused("a parameter twice with the same value", query("conferenceID=914087436&conferenceID=914087436"), TWO_WAYS);
    twice_in_another_case: refused("a parameter in another case, too", query("conferenceID=914087436&conferenceid=1"), TWO_WAYS);
    another_case: refused("a parameter in another case", query("conferenceid=914087436"), TWO_WAYS);
    brackets: refused("`conferenceID[]`", query("conferenceID[]=914087436"), TWO_WAYS);
    brackets_encoded: refused("`conferenceID[]`, encoded", query("conferenceID%5B%5D=914087436"), TWO_WAYS);
    index: refused("`conferenceID[0]`", query("conferenceID[0]=914087436"), TWO_WAYS);
    name_encoded_twice: refused("a name encoded, and as it is", query("conferenceID=914087436&conference%49D=1"), TWO_WAYS);
    name_with_space: refused("a name with a space behind", query("conferenceID%20=914087436"), TWO_WAYS);
    name_with_plus: refused("a name with a plus behind is another name", query("conferenceID+=914087436"), (400, "MGW.4000004"));
    name_with_nul: refused("a name with NUL behind", query("conferenceID%00=914087436"), TWO_WAYS);
    query_semicolon: refused("`;` between parameters", query("conferenceID=914087436;conferenceID=1"), TWO_WAYS);
    query_broken: refused("a broken escape", query("conferenceID=914087436%4"), TWO_WAYS);
    query_not_utf8: refused("a value that is not UTF-8", query("conferenceID=%ff"), TWO_WAYS);
    query_overlong: refused("a value in overlong UTF-8", query("conferenceID=%c0%b9"), TWO_WAYS);
    query_many: refused("65 parameters", query(&"a=1&".repeat(65)), TWO_WAYS);
    value_nul: refused("NUL in a value", query("conferenceID=914087436%00"), (400, "MGW.4000004"));
    value_line: refused("a line end in a value", query("conferenceID=914087436%0d%0ahost:%20x"), (400, "MGW.4000004"));
    value_encoded_twice: refused("a value encoded twice", query("conferenceID=%2539"), (400, "MGW.4000004"));
    value_plus: refused("a plus in a value", query("conferenceID=914087436+"), (400, "MGW.4000004"));
    value_second_question: refused("a second question mark", good_at(&format!("{TARGET}?conferenceID=1")), (400, "MGW.4000004"));
    name_encoded: passes("an encoded name is the name", query("conference%49D=914087436"));
    value_encoded: passes("an encoded value is the value", query("conferenceID=91408743%36"));
    unknown_parameter: passes("an unknown parameter goes nowhere", query("conferenceID=914087436&debug=true"));
}
