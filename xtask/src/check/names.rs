//! Names that say nothing about what is inside.

use std::path::Path;

use super::Finding;

const EMPTY: [&str; 8] = [
    "common", "helper", "helpers", "manager", "misc", "service", "util", "utils",
];

pub fn check(files: &[String]) -> Vec<Finding> {
    let sources = files.iter().filter(|path| path.ends_with(".rs"));
    let findings = sources.filter_map(|path| {
        let bare = Path::new(path).with_extension("");
        let empty = EMPTY
            .iter()
            .find(|name| bare.iter().any(|part| part == **name))?;
        Some(Finding {
            path: path.clone(),
            line: None,
            what: format!("`{empty}` does not say what is inside"),
        })
    });
    findings.collect()
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn files_and_folders_need_telling_names() {
        let found = |path: &str| check(&[path.to_owned()]).len();
        assert_eq!(found("crates/x/src/util.rs"), 1);
        assert_eq!(found("crates/x/src/common/time.rs"), 1);
        assert_eq!(found("tests/src/secret_service.rs"), 0);
    }
}
