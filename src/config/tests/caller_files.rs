//! Files of callers: they are read like the configuration's own, and what is wrong in them is told with its place in them.

use super::*;
use tempfile::TempDir;

/// A folder with these files in it, their folders made.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn read(folder: &TempDir) -> Result<Config, Vec<Problem>> {
    let path = folder.path().join("gateway.yaml");
    load(Source {
        path: &path,
        environment: &BTreeMap::new(),
        overrides: &[],
    })
}

/// Problems without the folder's own name.
fn told(folder: &TempDir, problems: &[Problem]) -> String {
    shown(problems).replace(&format!("{}/", folder.path().display()), "")
}

fn caller(id: &str) -> String {
    let hash = callers::KeyHash::of(id);
    format!("- id: {id}\n  api_keys: ['{hash}']\n")
}

#[test]
fn callers_of_all_files_count_in_their_order() {
    let gateway = format!(
        "{LEAST}caller_files: [more/b.yaml, c.yaml, empty.yaml]\ncallers:\n{}",
        caller("a")
    );
    let b = format!(
        "# Ours.\ncallers:\n{}\
         - id: b2\n  app_ids: [{{app_id: x, app_key: '${{file.secrets/x}}'}}]\n",
        caller("b")
    );
    let c = format!("callers:\n{}", caller("c"));
    let gateway = format!("{gateway}sign_in: {{token_key: {SECRET}}}\n");
    let folder = folder(&[
        ("gateway.yaml", &gateway),
        ("more/b.yaml", &b),
        ("more/secrets/x", "a-key-that-is-long-enough\n"),
        ("c.yaml", &c),
        ("empty.yaml", "# None yet.\n"),
    ]);
    let config = read(&folder).unwrap_or_else(|problems| panic!("{}", shown(&problems)));
    let ids: Vec<_> = config
        .callers
        .iter()
        .map(|one| (&*one.caller.id, one.caller.index))
        .collect();
    assert_eq!(ids, [("a", 0), ("b", 1), ("b2", 2), ("c", 3)]);
    let key = &config.callers[2].app_ids[0].app_key;
    assert!(
        key.matches("a-key-that-is-long-enough"),
        "its paths start at its own directory"
    );

    let names: Vec<_> = config
        .files
        .iter()
        .map(|file| file.strip_prefix(folder.path()).unwrap().to_str().unwrap())
        .collect();
    assert_eq!(
        names[..5],
        [
            "gateway.yaml",
            "more/b.yaml",
            "more/secrets/x",
            "c.yaml",
            "empty.yaml"
        ]
    );

    for (file, text) in [
        ("c.yaml", format!("{c}# more\n")),
        ("more/secrets/x", "another-key-that-is-long".into()),
    ] {
        let before = read(&folder).unwrap().digest;
        fs::write(folder.path().join(file), text).unwrap();
        assert_ne!(
            read(&folder).unwrap().digest,
            before,
            "{file} is in the digest"
        );
    }
}

#[test]
fn every_mistake_of_every_file_is_told_with_its_place_there() {
    let gateway = format!(
        "{LEAST}caller_files: [b.yaml, c.yaml, missing.yaml, c.yaml, broken.yaml, list.yaml]\ncallers:\n{}",
        caller("a")
    );
    let b = format!(
        "callers:\n{}  grups: [s3cret]\n- id: Wrong\n- id: b\n  api_keys: [s3cret-and-not-hashed, '${{env.NOT_SET}}']\n",
        caller("a")
    );
    let c = format!(
        "caler: []\ncallers:\n{}- id: c\n  app_ids: [{{app_id: x, app_key: s3cret}}]\n",
        caller("a")
    );
    let folder = folder(&[
        ("gateway.yaml", &gateway),
        ("b.yaml", &b),
        ("c.yaml", &c),
        ("broken.yaml", "callers:\n- id: a\n  api_keys: ['s3cret\n"),
        ("list.yaml", "- id: a\n"),
    ]);
    let told = told(&folder, &read(&folder).unwrap_err());
    assert!(!told.contains("s3cret"), "a secret is shown:\n{told}");
    insta::assert_snapshot!(told);
}

#[test]
fn what_sections_mean_to_one_another_holds_for_these_callers_too() {
    let folder = folder(&[
        (
            "gateway.yaml",
            &format!("{LEAST}caller_files: [b.yaml]\ncallers:\n{}", caller("a")),
        ),
        (
            "b.yaml",
            "callers:\n- id: b\n  app_ids: [{app_id: x, app_key: a-key-that-is-long}]\n",
        ),
    ]);
    let problems = read(&folder).unwrap_err();
    assert_eq!(problems.len(), 1, "{}", shown(&problems));
    assert_eq!(problems[0].at, "sign_in.token_key");
    assert!(problems[0].file.ends_with("b.yaml"), "{}", problems[0]);
}

#[test]
fn an_override_names_a_file_and_there_are_not_too_many() {
    let folder = folder(&[
        ("gateway.yaml", LEAST),
        ("b.yaml", &format!("callers:\n{}", caller("b"))),
    ]);
    let path = folder.path().join("gateway.yaml");
    let load_with = |overrides: &[(String, String)]| {
        load(Source {
            path: &path,
            environment: &BTreeMap::new(),
            overrides,
        })
    };
    let name = |index: usize, file: &str| (format!("caller_files.{index}"), file.to_owned());
    assert_eq!(load_with(&[name(0, "b.yaml")]).unwrap().callers.len(), 1);
    let many: Vec<_> = (0..70)
        .map(|index| name(index, &format!("{index}.yaml")))
        .collect();
    let problems = load_with(&many).unwrap_err();
    assert!(
        problems
            .iter()
            .any(|problem| problem.what == "has 70 entries"),
        "{}",
        shown(&problems)
    );
    assert_eq!(problems.len(), 65, "those beyond are not looked at");
}

#[test]
fn callers_by_themselves_need_no_secret_of_the_gateway() {
    let folder = folder(&[
        (
            "gateway.yaml",
            &format!(
                "upstream: {{url: '${{env.NOT_SET}}'}}\ncaller_files: [b.yaml]\ncallers:\n{}",
                caller("a")
            ),
        ),
        (
            "b.yaml",
            "callers:\n  - id: b\n    api_keys: ['sha256:${env.NOT_SET}']\n    \
             app_ids: [{app_id: x, app_key: '${file.not-there}'}]\n  - id: c\n    api_keys: ['${env.NOT_SET}']\n",
        ),
    ]);
    let path = folder.path().join("gateway.yaml");
    let source = Source {
        path: &path,
        environment: &BTreeMap::new(),
        overrides: &[],
    };
    let (listed, files) =
        load_callers(source).unwrap_or_else(|problems| panic!("{}", shown(&problems)));
    let told: Vec<_> = listed
        .iter()
        .map(|one| {
            (
                &*one.caller.caller.id,
                one.line,
                one.caller.api_keys.len(),
                one.caller.app_ids.len(),
                one.unknown,
            )
        })
        .collect();
    assert_eq!(
        told,
        [("a", 4, 1, 0, 0), ("b", 2, 0, 1, 2), ("c", 5, 0, 0, 1)]
    );
    assert_eq!(
        (files.len(), &*listed[1].file),
        (1, &*folder.path().join("b.yaml").display().to_string())
    );
}
