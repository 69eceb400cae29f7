//! Who telemetry is from: the attributes of the OpenTelemetry resource.
//!
//! `OTEL_RESOURCE_ATTRIBUTES` counts above what is found out here, and below the name of the service in the configuration. No command line
//! and no environment is told: secrets may be among them.

use std::path::Path;

use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::resource::{EnvResourceDetector, TelemetryResourceDetector};
use opentelemetry_semantic_conventions::attribute as semconv;

use super::Settings;

/// Where Linux has the machine's name.
const HOST_NAME: &str = "/proc/sys/kernel/hostname";

/// The resource of this process.
pub(super) fn of(settings: &Settings) -> Resource {
    // Later ones count above earlier ones.
    Resource::builder_empty()
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_attributes(found())
        .with_detector(Box::new(EnvResourceDetector::new()))
        .with_attributes(
            settings
                .instance_id
                .clone()
                .map(|id| KeyValue::new(semconv::SERVICE_INSTANCE_ID, id)),
        )
        .with_service_name(settings.service_name.clone())
        .build()
}

fn found() -> Vec<KeyValue> {
    let mut found = vec![
        KeyValue::new(semconv::SERVICE_VERSION, env!("CARGO_PKG_VERSION")),
        KeyValue::new(semconv::SERVICE_INSTANCE_ID, random_uuid()),
        KeyValue::new(semconv::PROCESS_PID, i64::from(std::process::id())),
        KeyValue::new(semconv::HOST_ARCH, architecture()),
        KeyValue::new(semconv::OS_TYPE, std::env::consts::OS),
    ];
    let executable = std::env::current_exe().ok();
    let name = executable.as_deref().and_then(Path::file_name);
    if let Some(name) = name.and_then(std::ffi::OsStr::to_str) {
        found.push(KeyValue::new(
            semconv::PROCESS_EXECUTABLE_NAME,
            name.to_owned(),
        ));
    }
    if let Ok(host) = std::fs::read_to_string(HOST_NAME) {
        found.push(KeyValue::new(semconv::HOST_NAME, host.trim().to_owned()));
    }
    found
}

/// As the semantic conventions spell it.
const fn architecture() -> &'static str {
    match std::env::consts::ARCH.as_bytes() {
        b"x86_64" => "amd64",
        b"aarch64" => "arm64",
        _ => std::env::consts::ARCH,
    }
}

/// Version 4, as the conventions advise where nobody gave this instance a name.
fn random_uuid() -> String {
    let mut bytes = fastrand::u128(..).to_be_bytes();
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = data_encoding::HEXLOWER.encode(&bytes);
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    parts.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(resource: &Resource, key: &'static str) -> String {
        let value = resource.get(&opentelemetry::Key::from_static_str(key));
        value.map_or_else(String::new, |value| value.to_string())
    }

    #[test]
    fn an_instance_is_told_apart_and_described() {
        let settings = Settings::default();
        let (one, other) = (of(&settings), of(&settings));
        let id = value(&one, semconv::SERVICE_INSTANCE_ID);
        assert_ne!(id, value(&other, semconv::SERVICE_INSTANCE_ID));
        let lengths: Vec<_> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
        assert_eq!(id.as_bytes().get(14), Some(&b'4'), "{id}");
        for key in [
            semconv::SERVICE_VERSION,
            semconv::PROCESS_PID,
            semconv::PROCESS_EXECUTABLE_NAME,
            semconv::TELEMETRY_SDK_NAME,
            semconv::TELEMETRY_SDK_LANGUAGE,
            semconv::TELEMETRY_SDK_VERSION,
            semconv::OS_TYPE,
            semconv::HOST_ARCH,
        ] {
            assert_ne!(value(&one, key), "", "{key}");
        }
        assert_eq!(value(&one, "service.name"), "meeting-gateway");
        let named = of(&Settings {
            instance_id: Some("replica-7".to_owned()),
            ..settings
        });
        assert_eq!(value(&named, semconv::SERVICE_INSTANCE_ID), "replica-7");
    }
}
