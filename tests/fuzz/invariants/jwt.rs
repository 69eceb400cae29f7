//! Any text as a JSON Web Token, and any header and claims, a zero byte between them, that are signed with the issuer's key: the
//! fuzzer cannot forge, so it is given the key. The first byte says which.
//!
//! Nothing that was not signed passes. What passes is read by a second parser, too, and says there what it must: the algorithm of
//! the key and no other, no extension that must be understood, each name once, this issuer, this audience, a caller that is
//! configured, and now. It passes again, and with another signature it does not.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use data_encoding::BASE64URL_NOPAD;
use meeting_gateway::config;
use meeting_gateway::model::clock::ManualClock;
use meeting_gateway::model::principal::{Caller, UpstreamUser};
use meeting_gateway::model::scopes::Scopes;
use meeting_gateway::runtime::credentials::jwt::key_set::KeySet;
use meeting_gateway::runtime::credentials::jwt::key_source::KeySource;
use meeting_gateway::runtime::credentials::jwt::{Issuer, TokenVerifier, has_form};
use serde_json::{Value, json};

use super::second_parser;

const NOW: u64 = 1_788_220_800;
const LEEWAY: f64 = 60.0;
const LONGEST: f64 = 86_400.0;
const CONFIGURATION: &str = "
upstream: {url: 'http://upstream.test', credentials: {pass_through: true}}
jwt:
  issuers:
    - {name: fuzz, issuer: 'https://issuer.test', audiences: [gateway], keys: {file: keys.json}}
callers:
  - {id: fuzzer, jwt: [{issuer: fuzz, subject: app}]}
";

static KEY: LazyLock<Ed25519KeyPair> =
    LazyLock::new(|| Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a seed"));
static VERIFIER: LazyLock<TokenVerifier> = LazyLock::new(verifier);

fn verifier() -> TokenVerifier {
    let none = BTreeMap::new();
    let config = config::parse(CONFIGURATION, "fuzz.yaml", Path::new("."), &none, &[]);
    let config = config.unwrap_or_else(|problems| panic!("{problems:#?}"));
    let x = BASE64URL_NOPAD.encode(KEY.public_key().as_ref());
    let keys = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "1", "x": x}]});
    let (keys, _) = KeySet::read(keys.to_string().as_bytes()).expect("a key");
    let caller = Caller {
        id: "fuzzer".into(),
        index: 0,
        groups: [].into(),
        scopes: Scopes::default(),
        claims: meeting_gateway::model::json::Object::new(),
        upstream_user: UpstreamUser::SignedIn,
    };
    let callers = HashMap::from([("app".into(), Arc::new(caller))]);
    let settings = config.jwt.issuers.into_iter().next().expect("an issuer");
    let issuer = Issuer::new(settings, KeySource::File(Arc::new(keys)), callers);
    let clock = ManualClock::at_unix(Duration::from_secs(NOW));
    let verifier = TokenVerifier::new(vec![issuer], 16, clock);
    let claims =
        json!({"iss": "https://issuer.test", "aud": "gateway", "sub": "app", "exp": NOW + 600});
    let [good, _] = signed(br#"{"alg":"EdDSA"}"#, claims.to_string().as_bytes());
    assert!(
        verifier.accept(&good).is_ok(),
        "where nothing passes, nothing is tried"
    );
    verifier
}

/// See above.
pub fn holds(data: &[u8]) {
    let Some((way, rest)) = data.split_first() else {
        return;
    };
    if way % 2 == 0 {
        if let Ok(text) = str::from_utf8(rest)
            && has_form(text)
        {
            assert!(!passes(text), "a forged token passed");
        }
        return;
    }
    let mut parts = rest.splitn(2, |byte| *byte == 0);
    let [header, claims] = [(); 2].map(|()| parts.next().unwrap_or_default());
    let [token, forged] = signed(header, claims);
    if has_form(&token) && passes(&token) {
        says_what_it_must(header, claims);
        assert!(passes(&token), "it does not pass again");
        assert!(!passes(&forged), "with another signature it passed");
    }
}

fn passes(token: &str) -> bool {
    VERIFIER.accept(token).is_ok_and(|accepted| {
        assert_eq!(&*accepted.caller.id, "fuzzer");
        true
    })
}

/// The token, and the same with a signature in which one bit is another.
fn signed(header: &[u8], claims: &[u8]) -> [String; 2] {
    let [header, claims] = [header, claims].map(|part| BASE64URL_NOPAD.encode(part));
    let message = format!("{header}.{claims}");
    let signature = KEY.sign(message.as_bytes());
    let mut other = signature.as_ref().to_vec();
    other[0] ^= 1;
    [signature.as_ref(), &other]
        .map(|signature| format!("{message}.{}", BASE64URL_NOPAD.encode(signature)))
}

fn says_what_it_must(header: &[u8], claims: &[u8]) {
    let [header, claims] = [header, claims].map(|part| {
        let read = second_parser::read(part).expect("JSON");
        assert!(!read.duplicates, "a name twice");
        read.value
    });
    assert_eq!(header["alg"], "EdDSA");
    assert!(header.get("crit").is_none(), "{header}");
    assert!(
        matches!(header["kid"].as_str(), None | Some("1")),
        "{header}"
    );
    assert_eq!(claims["iss"], "https://issuer.test");
    assert_eq!(claims["sub"], "app");
    let ours = |audience: &Value| audience == "gateway";
    let for_us = claims["aud"]
        .as_array()
        .map_or_else(|| ours(&claims["aud"]), |all| all.iter().any(ours));
    assert!(for_us, "{claims}");
    let time = |name: &str| claims.get(name).map(|time| time.as_f64().expect("a time"));
    #[expect(clippy::cast_precision_loss, reason = "a time of our days")]
    let now = NOW as f64;
    let expires = time("exp").expect("an end");
    assert!(
        now < expires + LEEWAY && expires <= now + LONGEST + LEEWAY + 1.0,
        "{claims}"
    );
    for begins in ["nbf", "iat"].into_iter().filter_map(time) {
        assert!(begins <= now + LEEWAY, "{claims}");
    }
}
