//! Tests of names in certificates: which are read, and which are the same.

use rcgen::string::Ia5String;
use rcgen::{CertificateParams, DnType, DnValue, KeyPair, SanType, date_time_ymd};

use super::*;

fn read(change: impl FnOnce(&mut CertificateParams)) -> ClientCertificate {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    ClientCertificate::from_der(params.self_signed(&key).unwrap().der()).unwrap()
}

fn names(certificate: &ClientCertificate) -> Vec<String> {
    let names = certificate.identities().iter();
    names.map(ToString::to_string).collect()
}

#[test]
fn the_names_of_a_certificate_are_read() {
    let ia5 = |text: &str| Ia5String::try_from(text).unwrap();
    let certificate = read(|params| {
        let name = &mut params.distinguished_name;
        name.push(DnType::CountryName, "DE");
        name.push(DnType::OrganizationName, "Corp, Ltd.");
        name.push(DnType::CommonName, "scheduler");
        params.subject_alt_names = vec![
            SanType::DnsName(ia5("Scheduler.corp.example")),
            SanType::DnsName(ia5("*.corp.example")),
            SanType::URI(ia5("spiffe://corp.example/Scheduler")),
            SanType::Rfc822Name(ia5("Robot@Corp.Example")),
            SanType::IpAddress([192, 0, 2, 7].into()),
        ];
        params.not_after = date_time_ymd(2030, 1, 1);
    });
    assert_eq!(
        names(&certificate),
        [
            "subject CN=scheduler,O=Corp\\, Ltd.,C=DE",
            "dns scheduler.corp.example",
            "uri spiffe://corp.example/Scheduler",
            "email Robot@corp.example",
        ],
        "a pattern and an address are no names"
    );
    let end = Duration::from_hours(525_960);
    assert!(!certificate.is_expired(end));
    assert!(certificate.is_expired(end + Duration::from_secs(1)));
}

#[test]
fn no_attribute_can_pose_as_another() {
    let posing = read(|params| {
        let name = "scheduler,O=Corp";
        params.distinguished_name.push(DnType::CommonName, name);
    });
    let genuine = read(|params| {
        let name = &mut params.distinguished_name;
        name.push(DnType::OrganizationName, "Corp");
        name.push(DnType::CommonName, "scheduler");
    });
    assert_eq!(names(&posing), ["subject CN=scheduler\\,O=Corp"]);
    assert_eq!(names(&genuine), ["subject CN=scheduler,O=Corp"]);
    // A NUL in the middle, which a reader of C texts would stop at.
    let cut = read(|params| {
        let name = DnValue::Utf8String("scheduler\0.evil".to_owned());
        params.distinguished_name.push(DnType::CommonName, name);
    });
    assert_eq!(names(&cut), ["subject CN=scheduler\\00.evil"]);
}

#[test]
fn one_subject_has_one_form_however_it_is_written() {
    let canonical = Identity::subject("CN=scheduler,O=Corp\\, Ltd.,C=DE");
    assert!(canonical.is_some());
    for same in [
        "CN=scheduler, O=Corp\\, Ltd., C=DE",
        "cn=scheduler,o=Corp\\2c Ltd.,c=DE",
    ] {
        assert_eq!(Identity::subject(same), canonical, "{same}");
    }
    for other in [
        "C=DE,O=Corp\\, Ltd.,CN=scheduler",
        "CN=Scheduler,O=Corp\\, Ltd.,C=DE",
        "CN=scheduler,O=Corp\\, Ltd.",
    ] {
        assert_ne!(Identity::subject(other), canonical, "{other}");
    }
    for none in ["", "scheduler", "CN", "FOO=bar"] {
        assert_eq!(Identity::subject(none), None, "{none}");
    }
}

#[test]
fn only_names_that_a_certificate_could_hold_are_names() {
    let good = [
        Identity::dns("a.example"),
        Identity::uri("spiffe://corp.example/a"),
        Identity::email("a@b"),
    ];
    assert!(good.iter().all(Option::is_some), "{good:?}");
    let long = "a".repeat(1025);
    let bad = [
        Identity::dns(""),
        Identity::dns("*.example"),
        Identity::dns("a b"),
        Identity::dns(&long),
        Identity::uri("corp.example/a"),
        Identity::uri("spiffe:"),
        Identity::uri("spiffe://a b"),
        Identity::email("a"),
        Identity::email("@b"),
        Identity::email("a@"),
        Identity::email("ä@b"),
    ];
    assert!(bad.iter().all(Option::is_none), "{bad:?}");
}

#[test]
fn what_is_no_certificate_is_none() {
    for bytes in [&b""[..], b"\x30\x80", b"-----BEGIN CERTIFICATE-----"] {
        let fault = ClientCertificate::from_der(bytes).unwrap_err();
        assert_eq!(fault, CertificateFault::Malformed);
    }
    let mut params = CertificateParams::default();
    let name = Ia5String::try_from("a.example").unwrap();
    params.subject_alt_names = vec![SanType::DnsName(name); MOST_NAMES + 1];
    let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
    let fault = ClientCertificate::from_der(certificate.der()).unwrap_err();
    assert_eq!(fault, CertificateFault::TooManyNames);
}
