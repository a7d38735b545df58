//! What is bundled on systems that this one can't build for is understood here, at least.
#![allow(clippy::unwrap_used, missing_docs)]

use std::path::Path;

use tauri::utils::config::{Config, parse};
use tauri::utils::platform::Target;

fn configuration(target: Target) -> Config {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (value, files) = parse::read_from(target, folder).unwrap();
    assert!(!files.is_empty());
    serde_json::from_value(value).unwrap()
}

#[test]
fn each_system_has_its_bundle_and_its_icons() {
    let here = configuration(Target::Linux);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    for target in [Target::MacOS, Target::Windows] {
        let there = configuration(target);
        assert_eq!(there.identifier, here.identifier);
        let icons = &there.bundle.icon;
        for ending in [".png", ".ico", ".icns"] {
            assert!(icons.iter().any(|icon| icon.ends_with(ending)), "{ending}");
        }
        for icon in icons {
            assert!(folder.join(icon).is_file(), "{icon}");
        }
    }
    let mac = configuration(Target::MacOS).bundle.macos;
    assert!(mac.hardened_runtime);
    assert!(folder.join(mac.entitlements.unwrap()).is_file());
}

// threat 68
#[test]
fn no_system_loosens_what_the_page_may_do() {
    let here = configuration(Target::Linux).app;
    for target in [Target::MacOS, Target::Windows] {
        assert_eq!(configuration(target).app, here);
    }
    assert!(!here.with_global_tauri);
    assert!(here.security.csp.is_some() && here.security.dev_csp.is_none());
}
