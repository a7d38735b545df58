//! Puts the web view's files and the closed list of commands into the program.

use std::fs;

fn main() {
    // The capability names each command that the window may ask; what it does not name no window can.
    let path = "capabilities/main.json";
    println!("cargo:rerun-if-changed={path}");
    let capability = fs::read_to_string(path).expect("the capability is checked in");
    let allowed = capability
        .split('"')
        .filter_map(|word| word.strip_prefix("allow-"));
    let names: Vec<String> = allowed.map(|name| name.replace('-', "_")).collect();
    let names: &'static [&'static str] = Vec::leak(
        names
            .iter()
            .map(|name| &*String::leak(name.clone()))
            .collect(),
    );
    let commands = tauri_build::AppManifest::new().commands(names);
    let attributes = tauri_build::Attributes::new().app_manifest(commands);
    tauri_build::try_build(attributes).expect("the window's configuration is whole");
}
