//! The files in `config/`: they load, show the defaults, and fit the schema beside them.

use super::*;
use crate::model::principal::UpstreamUser;

fn config_dir() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/config"))
}

#[test]
fn missing_files_are_found_apart_from_the_reading() {
    let text = LEAST.replace("  cred", "  ca_file: missing.pem\n  cred");
    let config = good(&text, &[], &[]);
    let problems = check_files(&config);
    let found: Vec<_> = problems.iter().map(|problem| problem.at.as_str()).collect();
    assert_eq!(found, ["upstream.ca_file", "policy.directory"]);
    assert_eq!(problems[0].position.map(|place| place.line), Some(3));
    assert_eq!(
        problems[0].what,
        "cannot open `/base/missing.pem`: entity not found"
    );
}

#[test]
fn the_files_that_a_configuration_depends_on_are_known_even_if_it_is_broken() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.yaml");
    let read = |text: &str| {
        fs::write(&path, text).unwrap();
        let (config, files) = load_with_files(Source {
            path: &path,
            environment: &BTreeMap::new(),
            overrides: &[],
        });
        let names = files
            .iter()
            .map(|file| file.strip_prefix(folder.path()).unwrap().to_owned());
        (config, names.collect::<Vec<_>>())
    };
    let tls =
        "server: {listeners: [{address: '127.0.0.1:0', tls: {certificate: a.pem, key: a.key}}]}\n";
    let rest = "policy: {directory: packs, packs: [house, baseline]}\n\
                sign_in: {token_key: '${file.secrets/token}', previous_token_keys: ['${file.secrets/token}']}\n";
    let text = format!("{LEAST}{tls}{rest}");
    let expected = [
        "gateway.yaml",
        "secrets/token",
        "a.pem",
        "a.key",
        "packs/house/pack.yaml",
        "packs/baseline/pack.yaml",
    ]
    .map(std::path::PathBuf::from);

    let (config, files) = read(&text);
    assert!(config.is_err() && files == expected, "{files:?}");
    fs::create_dir(folder.path().join("secrets")).unwrap();
    fs::write(folder.path().join("secrets/token"), SECRET).unwrap();
    let (config, files) = read(&text);
    assert_eq!((config.unwrap().files.len(), files.len()), (6, 6));
    assert_eq!(read("server: [\n").1, expected[..1]);
    fs::remove_file(&path).unwrap();
    let missing = load_with_files(Source {
        path: &path,
        environment: &BTreeMap::new(),
        overrides: &[],
    });
    assert!(missing.0.is_err() && missing.1 == [path]);
}

#[test]
fn the_documented_file_shows_the_defaults() {
    let path = config_dir().join("gateway.yaml");
    let source = Source {
        path: &path,
        environment: &BTreeMap::new(),
        overrides: &[],
    };
    let shown = load(source).unwrap_or_else(|problems| panic!("{}", shown(&problems)));
    let least = parse(LEAST, "least", config_dir(), &BTreeMap::new(), &[]).unwrap();
    assert_eq!(format!("{:?}", shown.server), format!("{:?}", least.server));
    assert_eq!(format!("{:?}", shown.admin), format!("{:?}", least.admin));
    assert_eq!(
        format!("{:?}", shown.sign_in),
        format!("{:?}", least.sign_in)
    );
    assert_eq!(format!("{:?}", shown.jwt), format!("{:?}", least.jwt));
    assert_eq!(
        format!("{:?}", shown.contract),
        format!("{:?}", least.contract)
    );
    assert!(shown.operations.allow.is_empty() && least.operations.allow.is_empty());
    assert_eq!(format!("{:?}", shown.policy), format!("{:?}", least.policy));
    assert_eq!(format!("{:?}", shown.limits), format!("{:?}", least.limits));
    assert!(shown.store.is_none() && least.store.is_none());
    assert_eq!(
        format!("{:?}", shown.telemetry),
        format!("{:?}", least.telemetry)
    );
    assert_eq!(format!("{:?}", shown.audit), format!("{:?}", least.audit));
    assert_eq!(format!("{:?}", shown.reload), format!("{:?}", least.reload));
    let upstream = upstream::Upstream {
        url: least.upstream.url.clone(),
        credentials: least.upstream.credentials.clone(),
        ..shown.upstream
    };
    assert_eq!(format!("{upstream:?}"), format!("{:?}", least.upstream));
}

#[test]
fn the_store_that_is_shown_as_a_comment_can_be_used_and_shows_the_defaults() {
    let text = fs::read_to_string(config_dir().join("gateway.yaml")).unwrap();
    let commented = text.lines().skip_while(|line| *line != "#   store:");
    let lines = commented.map_while(|line| line.strip_prefix("#   "));
    let shown: Vec<_> = lines.collect();
    let shown = shown
        .join("\n")
        .replace("${file.secrets/store-password}", "hush")
        .replace("${file.secrets/store-key}", SECRET);
    let shown = good(&format!("{LEAST}{shown}\n"), &[], &[]).store.unwrap();
    let least = format!(
        "{LEAST}store: {{urls: [rediss://store.example], encryption_key: {SECRET}, password: hush}}\n"
    );
    assert!(
        shown.is_same(&good(&least, &[], &[]).store.unwrap()),
        "{shown:?}"
    );
}

#[test]
fn the_documented_file_names_every_key() {
    let text = fs::read_to_string(config_dir().join("gateway.yaml")).unwrap();
    let missing: Vec<String> = keys(&schema(), "")
        .into_iter()
        .filter(|key| {
            let name = key.rsplit('.').next().unwrap();
            !text.contains(&format!("{name}:"))
        })
        .collect();
    assert_eq!(missing, [""; 0], "named nowhere in config/gateway.yaml");
}

/// Every key that the schema knows, by its dotted name.
fn keys(schema: &serde_json::Value, at: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        let at = format!("{at}.{name}");
        found.extend(keys(member, &at));
        found.push(at);
    }
    for inner in ["items", "anyOf"] {
        match &schema[inner] {
            serde_json::Value::Array(schemas) => {
                found.extend(schemas.iter().flat_map(|schema| keys(schema, at)));
            }
            schema @ serde_json::Value::Object(_) => found.extend(keys(schema, at)),
            _ => {}
        }
    }
    found
}

#[test]
fn the_committed_schemas_are_current() {
    let schemas = [
        ("gateway.schema.json", "", schema()),
        ("callers.schema.json", " --callers", caller_file_schema()),
    ];
    for (name, option, schema) in schemas {
        let current = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        let committed = fs::read_to_string(config_dir().join(name)).unwrap_or_default();
        assert!(
            committed == current,
            "run `meeting-gateway config schema{option} > config/{name}`"
        );
    }
}

#[test]
fn a_file_of_callers_fits_its_schema() {
    let callers = &schema()["properties"]["callers"]["items"];
    assert_eq!(
        caller_file_schema()["properties"]["callers"]["items"],
        *callers
    );
    let schema = jsonschema::validator_for(&caller_file_schema()).unwrap();
    let value = |text: &str| -> serde_json::Value { serde_saphyr::from_str(text).unwrap() };
    let hash = callers::KeyHash::of("key");
    for good in [
        "callers: []",
        "callers:",
        &format!("callers: [{{id: a, api_keys: ['{hash}']}}]"),
    ] {
        assert!(schema.is_valid(&value(good)), "{good}");
    }
    for wrong in [
        "callers: [{api_keys: []}]",
        "callers: []\nupstream: {}",
        "[]",
    ] {
        assert!(!schema.is_valid(&value(wrong)), "{wrong}");
    }
}

#[test]
fn the_files_fit_the_schema() {
    let schema = jsonschema::validator_for(&schema()).unwrap();
    for name in ["gateway.yaml", "demo.yaml"] {
        let text = fs::read_to_string(config_dir().join(name)).unwrap();
        let value: serde_json::Value = serde_saphyr::from_str(&text).unwrap();
        let errors: Vec<String> = schema
            .iter_errors(&value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(errors, [""; 0], "{name}");
    }
    let wrong = serde_json::json!({ "upstream": { "url": 5 }, "aduit": {} });
    assert!(schema.iter_errors(&wrong).count() >= 2);
}

#[test]
fn the_demo_file_loads() {
    let path = config_dir().join("demo.yaml");
    let overrides = [(
        "upstream.url".to_owned(),
        "http://127.0.0.1:4711".to_owned(),
    )];
    let source = Source {
        path: &path,
        environment: &BTreeMap::new(),
        overrides: &overrides,
    };
    let config = load(source).unwrap_or_else(|problems| panic!("{}", shown(&problems)));
    assert_eq!(config.upstream.url, "http://127.0.0.1:4711");
    let application = &config.callers[0];
    assert_eq!(
        application.api_keys,
        [callers::KeyHash::of("demo-key-not-a-secret")]
    );
    assert_eq!(
        application.caller.upstream_user,
        UpstreamUser::Fixed("alice@ent01".into())
    );
    assert_eq!(
        config.callers[1].api_keys,
        [callers::KeyHash::of("front-desk-key-not-a-secret")]
    );
}
