//! What a change leaves alone, and what comes of it: by hand-written files of every style, and by files made up.

use proptest::prelude::*;

use super::*;
use crate::model::principal::UpstreamUser;

fn nothing() -> &'static BTreeMap<String, String> {
    static NOTHING: BTreeMap<String, String> = BTreeMap::new();
    &NOTHING
}

fn read(text: &str) -> CallerFile<'static> {
    CallerFile::read("callers.yaml", text, Path::new("/base"), nothing())
        .unwrap_or_else(|problems| panic!("{text}\n{problems:?}"))
}

fn new(id: &str) -> NewCaller {
    NewCaller {
        id: id.to_owned(),
        api_keys: vec![KeyHash::of(id)],
        ..NewCaller::default()
    }
}

/// The hash of a key, and a short name for it in what is expected.
fn hashed(text: &str) -> String {
    let mut text = text.to_owned();
    for key in ["one", "two", "three", "new"] {
        text = text.replace(&format!("#{key}#"), &KeyHash::of(key).to_string());
    }
    text
}

#[test]
fn a_caller_is_added_in_the_style_of_the_file() {
    let cases = [
        (
            "nothing",
            "",
            "callers:\n  - id: new\n    api_keys:\n      - #new#\n",
        ),
        (
            "comments",
            "# Ours\n",
            "# Ours\ncallers:\n  - id: new\n    api_keys:\n      - #new#\n",
        ),
        (
            "a start",
            "---\n",
            "---\ncallers:\n  - id: new\n    api_keys:\n      - #new#\n",
        ),
        (
            "a bare key",
            "callers:   # none\n# x\n",
            "callers:   # none\n# x\n  - id: new\n    api_keys:\n      - #new#\n",
        ),
        (
            "null",
            "callers: null # none\n",
            "callers: # none\n  - id: new\n    api_keys:\n      - #new#\n",
        ),
        (
            "empty",
            "callers: []",
            "callers:\n  - id: new\n    api_keys:\n      - #new#\n",
        ),
        (
            "no line break at the end",
            "callers:\n- id: a\n  api_keys: [#one#]  # x\n#  - id: b",
            "callers:\n- id: a\n  api_keys: [#one#]  # x\n#  - id: b\n- id: new\n  api_keys:\n    - #new#\n",
        ),
        (
            "deep, with an end",
            "callers:\n    -   id: a\n        api_keys:\n        - #one#\n...\n# x\n",
            "callers:\n    -   id: a\n        api_keys:\n        - #one#\n    - id: new\n      api_keys:\n        - #new#\n...\n# x\n",
        ),
        (
            "a dash on its own line",
            "callers:\n  -\n    # one\n    id: a\n    api_keys: [#one#]\n",
            "callers:\n  -\n    # one\n    id: a\n    api_keys: [#one#]\n  - id: new\n    api_keys:\n      - #new#\n",
        ),
        (
            "in brackets",
            "{callers: [{id: a, api_keys: [#one#]},]}\n",
            "{callers: [{id: a, api_keys: [#one#]}, {id: new, api_keys: [#new#]},]}\n",
        ),
        (
            "brackets with a comment",
            "callers: [ # none\n]\n",
            "callers: [{id: new, api_keys: [#new#]} # none\n]\n",
        ),
        (
            "other line breaks",
            "callers:\r\n  - id: a\r\n    api_keys: [#one#]\r\n",
            "callers:\r\n  - id: a\r\n    api_keys: [#one#]\r\n  - id: new\r\n    api_keys:\r\n      - #new#\r\n",
        ),
    ];
    for (name, before, after) in cases {
        let file = read(&hashed(before)).add(&new("new"));
        let file = file.unwrap_or_else(|fault| panic!("{name}: {fault}"));
        assert_eq!(file.text(), hashed(after), "{name}");
    }
}

#[test]
fn keys_come_and_go_in_the_style_of_the_list() {
    let key = |key: &str| Credential::ApiKey(KeyHash::of(key));
    let block = "callers:\n  # a\n  - id: a\n    api_keys:   # keys\n    - #one# # first\n    # second\n    - #two#\n  - id: b\n    api_keys: ['#three#']\n";
    let cases = [
        (
            block,
            "callers:\n  # a\n  - id: a\n    api_keys:   # keys\n    - #one# # first\n    # second\n    - #two#\n    - #new#\n  - id: b\n    api_keys: ['#three#']\n",
            "callers:\n  # a\n  - id: a\n    api_keys:   # keys\n    # second\n    - #two#\n    - #new#\n  - id: b\n    api_keys: ['#three#']\n",
        ),
        (
            "callers: [{id: a, api_keys: [ '#one#' , #two# ]}]\n",
            "callers: [{id: a, api_keys: [ '#one#' , #two#, #new# ]}]\n",
            "callers: [{id: a, api_keys: [ #two#, #new# ]}]\n",
        ),
        (
            "callers:\n- id: a\n  api_keys: ['#one#']\n  groups: [x]\n",
            "callers:\n- id: a\n  api_keys: ['#one#', #new#]\n  groups: [x]\n",
            "callers:\n- id: a\n  api_keys: [#new#]\n  groups: [x]\n",
        ),
    ];
    for (before, with, without) in cases {
        let before = hashed(before);
        let added = read(&before).add_api_key("a", KeyHash::of("new")).unwrap();
        assert_eq!(added.text(), hashed(with));
        let last = added.credentials("a").unwrap().pop();
        assert_eq!(last, Some(key("new")), "the newest is the last");
        let removed = added.remove_credential("a", &key("one")).unwrap();
        assert_eq!(removed.text(), hashed(without));
        let there_and_back = added.remove_credential("a", &key("new")).unwrap();
        assert_eq!(there_and_back.text(), before);
    }
    let file = read(&hashed(block)).remove("a").unwrap();
    assert_eq!(
        file.text(),
        hashed("callers:\n  # a\n  - id: b\n    api_keys: ['#three#']\n")
    );
    assert_eq!(file.remove("b").unwrap().text(), "callers:\n  # a\n");
}

#[test]
fn a_list_that_is_not_there_is_begun() {
    let base = "callers:\n- id: a\n  app_ids: [{app_id: x, app_key: '${file.x}'}]\n  groups: [b]  # x\n  # end\n";
    let file = read(base).add_api_key("a", KeyHash::of("new")).unwrap();
    let expected = base.replace("  # end", "  api_keys:\n    - #new#\n  # end");
    assert_eq!(file.text(), hashed(&expected));
    let file = file
        .remove_credential("a", &Credential::AppId("x".to_owned()))
        .unwrap();
    assert!(file.text().contains("\n  app_ids: []\n"));
    let file = file
        .add_app_id("a", "later", "${file.secrets/y.key}")
        .unwrap();
    assert!(
        file.text().contains(
            "\n  app_ids:\n    - {app_id: later, app_key: '${file.secrets/y.key}'}\n  groups"
        ),
        "{}",
        file.text()
    );
    let flow = hashed("callers: [{id: a, api_keys: [#one#]}]\n");
    let file = read(&flow).add_app_id("a", "later", "${file.y}").unwrap();
    assert!(
        file.text()
            .contains(", app_ids: [{app_id: later, app_key: '${file.y}'}]}"),
        "{}",
        file.text()
    );
}

#[test]
fn what_cannot_be_done_is_said() {
    let text = hashed(
        "callers:\n- id: alpha\n  api_keys: ['#one#']\n- &b\n  id: beta\n  api_keys: &k ['#two#']\n",
    );
    let file = read(&text);
    let key = |key: &str| Credential::ApiKey(KeyHash::of(key));
    let cases = [
        (
            file.add(&new("alpha")),
            "callers.2.id: the same id as callers.0.id, line 2 (no two may be the same)",
        ),
        (file.add(&new("Not An Id")), "`Not An Id` is no name"),
        (
            file.add(&NewCaller {
                scopes: vec!["secret".into()],
                ..new("c")
            }),
            "callers.2.scopes.0: `secret` is not one of `secrets`, `personal_data` (did you mean `secrets`?)",
        ),
        (
            file.add_api_key("alpa", KeyHash::of("new")),
            "there is no caller `alpa` in callers.yaml (did you mean `alpha`?)",
        ),
        (
            file.add_api_key("alpha", KeyHash::of("two")),
            "the same API key as callers.0",
        ),
        (
            file.remove_credential("alpha", &key("two")),
            "the caller `alpha` has no such credential (callers.yaml, line 2)",
        ),
        (
            file.remove_credential("alpha", &key("one")),
            "the caller `alpha` has no credential",
        ),
        (file.remove("gamma"), "there is no caller `gamma`"),
    ];
    for (result, expected) in cases {
        let fault = result.unwrap_err().to_string();
        assert!(fault.contains(expected), "{fault}");
    }
    let several = "---\ncallers: &all\n- &a {id: a, api_keys: [#one#]}\n...\n";
    let by_alias = hashed(
        "callers:\n- id: a\n  api_keys: &k ['#one#']\n  groups: &g [x]\n- id: b\n  api_keys: ['#two#']\n  groups: *g\n",
    );
    assert!(
        read(&hashed(several)).add(&new("b")).is_ok(),
        "anchors elsewhere do not matter"
    );
    assert!(read(&by_alias).remove("b").is_ok());
    // Without this one, the last would take another's groups, and nothing would be wrong with the text.
    let shadowed = hashed(
        "callers:\n- {id: a, api_keys: ['#one#'], groups: &g [x]}\n- {id: b, api_keys: ['#two#'], groups: &g [y]}\n\
         - {id: c, api_keys: ['#three#'], groups: *g}\n",
    );
    for (text, id) in [(&by_alias, "a"), (&shadowed, "b")] {
        let fault = read(text).remove(id).unwrap_err();
        assert!(matches!(fault, EditFault::ByHand(_)), "{fault}");
    }
}

/// A made-up file: callers in one of some styles, comments and empty lines wherever they may be.
fn files() -> impl Strategy<Value = (Vec<String>, String)> {
    let comment = prop_oneof![
        3 => Just(String::new()),
        1 => Just("\n".to_owned()),
        2 => "[ ]{0,6}# [ -~é]{0,20}\n",
    ];
    let one = (
        any::<[u8; 4]>(),
        0..5_usize,
        comment.clone(),
        comment.clone(),
    );
    let callers = prop::collection::vec(one, 0..6);
    (callers, 0..3_usize, comment.clone(), comment, any::<bool>()).prop_map(
        |(callers, indent, head, foot, finished)| {
            let mut ids = Vec::new();
            let mut text = format!("{head}callers:\n");
            let indent = " ".repeat(indent);
            for (index, (bytes, style, above, within)) in callers.into_iter().enumerate() {
                let id = format!("c{index}-{:x}", u32::from_be_bytes(bytes));
                let hash = KeyHash::of(&id);
                let quoted = format!("'{hash}'");
                text.push_str(&above);
                let caller = match style {
                    0 => format!("{indent}- id: {id}\n{within}{indent}  api_keys:\n{indent}  - {hash}\n"),
                    1 => format!("{indent}- {{id: '{id}', api_keys: [{quoted}]}} # x\n"),
                    2 => format!("{indent}-   api_keys: [ # x\n{indent}      {quoted} ]\n{within}{indent}    id: {id}\n"),
                    3 => format!("{indent}-\n{within}{indent} id: >-\n{indent}   {id}\n\n{indent} api_keys: [\"{hash}\",]\n"),
                    _ => format!(
                        "{indent}- id: {id}\n{indent}  groups: [g-{index}, 'x']\n{within}{indent}  claims: {{a: 'b: #'}}\n\
                         {indent}  upstream_user:\n{indent}    fixed: \"é\\\"{id}\"\n{indent}  api_keys: [{quoted}]\n"
                    ),
                };
                text.push_str(&caller);
                ids.push(id);
            }
            text.push_str(&foot);
            if !finished && text.ends_with('\n') {
                text.pop();
            }
            (ids, text)
        },
    )
}

fn told(file: &CallerFile<'_>) -> Vec<String> {
    let callers = file.callers().iter();
    callers
        .map(|listed| format!("{:?}", listed.caller))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 100, ..ProptestConfig::default() })]

    /// Every old line is still there, in its order, and the callers are the old ones and the new one.
    #[test]
    fn an_added_caller_leaves_every_line_alone((ids, text) in files()) {
        let before = read(&text);
        let after = before.add(&new("zz-new")).unwrap();
        let mut lines = after.text().lines();
        for old in text.lines() {
            prop_assert!(lines.any(|line| line == old), "{old}\nis not left in\n{}", after.text());
        }
        let now = told(&after);
        let (last, others) = now.split_last().unwrap();
        prop_assert_eq!(others, &told(&before)[..]);
        prop_assert_eq!(others.len(), ids.len());
        prop_assert!(last.contains("\"zz-new\""));
        // Away again, it is as if nothing had been.
        let undone = after.remove("zz-new").unwrap();
        prop_assert_eq!(undone.text().trim_end(), text.trim_end());
    }

    /// A key that comes and another that goes change the one caller alone, whichever it is.
    #[test]
    fn a_rotated_key_leaves_the_other_callers_alone((ids, text) in files(), pick in 0..6_usize) {
        let Some(id) = ids.get(pick) else { return Ok(()) };
        let before = read(&text);
        let added = before.add_api_key(id, KeyHash::of("new")).unwrap();
        let old = Credential::ApiKey(KeyHash::of(id));
        prop_assert_eq!(added.credentials(id).unwrap().len(), 2);
        let rotated = added.remove_credential(id, &old).unwrap();
        prop_assert_eq!(rotated.credentials(id).unwrap(), vec![Credential::ApiKey(KeyHash::of("new"))]);
        for (index, (then, now)) in told(&before).iter().zip(told(&rotated)).enumerate() {
            prop_assert_eq!(index == pick, *then != now);
        }
        let without = before.remove(id).unwrap();
        prop_assert_eq!(without.callers().len(), ids.len() - 1);
    }

    /// Nothing that is written goes in without being read again: no id breaks out of its place.
    #[test]
    fn no_name_breaks_out(id in name(), group in name(), user in name()) {
        // One at a time: where one is refused, nothing is seen of the others.
        for (id, group, user) in [(&*id, "g", "u"), ("a", &*group, "u"), ("a", "g", &*user)] {
            let caller = NewCaller {
                groups: vec![group.to_owned()],
                upstream_user: Some(UpstreamUser::Fixed(user.into())),
                ..new(id)
            };
            if let Ok(after) = read("callers: []\n").add(&caller) {
                let listed = &after.callers()[0].caller.caller;
                let groups: Vec<&str> = listed.groups.iter().map(|group| &**group).collect();
                prop_assert_eq!((&*listed.id, &groups[..]), (id, &[group][..]));
                prop_assert_eq!(&listed.upstream_user, &UpstreamUser::Fixed(user.into()));
            }
        }
    }
}

/// A name as anybody may give it, also one that looks like a reference.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,12}",
        "[a-z]{0,2}[$]{0,3}[{](env[.]|file[.])?[a-zA-Z:-]{0,4}[}]{0,1}"
    ]
}

#[test]
fn a_name_that_looks_like_a_reference_is_none() {
    let environment = BTreeMap::from([("HOME".to_owned(), "elsewhere".to_owned())]);
    let read = |text: &str| {
        CallerFile::read("callers.yaml", text, Path::new("/base"), &environment).unwrap()
    };
    let file = read("callers: []\n");
    for user in [
        "${env.HOME}",
        "${env.NOT_SET}",
        "${",
        "a$${env.HOME}",
        "${file.x}",
    ] {
        let caller = NewCaller {
            upstream_user: Some(UpstreamUser::Fixed(user.into())),
            ..new("a")
        };
        let text = file.add(&caller).unwrap().text().to_owned();
        let listed = read(&text).callers()[0].caller.clone();
        assert_eq!(
            listed.caller.upstream_user,
            UpstreamUser::Fixed(user.into()),
            "{text}"
        );
        let grouped = NewCaller {
            groups: vec![user.to_owned()],
            ..new("a")
        };
        assert!(file.add(&grouped).is_err(), "{user}");
        assert!(file.add(&new(user)).is_err(), "{user}");
        let issued = file.add(&new("a")).unwrap();
        let issued = issued.add_app_id("a", user, "${file.key}").unwrap();
        let issued = read(issued.text()).credentials("a").unwrap();
        let app_id = Credential::AppId(user.to_owned());
        assert_eq!(issued.last(), Some(&app_id));
    }
}
