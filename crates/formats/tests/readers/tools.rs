//! Starting the real readers: one process for a whole list of cases.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sealfold_formats::dotenv::Dialect;
use serde_json::{Value, json};

pub struct Case {
    pub text: String,
    pub environment: Vec<(&'static str, &'static str)>,
}

impl Case {
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            environment: vec![("ENV_V", "e$A"), ("ENV_EMPTY", "")],
        }
    }

    pub fn lookup(&self, name: &str) -> Option<String> {
        let found = self.environment.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    }

    pub fn json(&self) -> Value {
        let environment: serde_json::Map<_, _> = self
            .environment
            .iter()
            .map(|(k, v)| ((*k).to_owned(), json!(v)))
            .collect();
        json!({"text": self.text, "environment": environment})
    }
}

/// What the dialect's real reader makes of each case, or `None` where it isn't installed.
pub fn read_by(dialect: Dialect, cases: &[Case]) -> Option<Vec<Value>> {
    let Some(tools) = std::env::var_os("SEALFOLD_TEST_TOOLS").map(PathBuf::from) else {
        eprintln!("skipped: SEALFOLD_TEST_TOOLS is not set");
        return None;
    };
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readers");
    let mut command = match dialect {
        Dialect::Python => Command::new(tools.join("python/bin/python")),
        Dialect::Node => Command::new("node"),
        Dialect::Compose => Command::new(tools.join("compose-reader")),
    };
    match dialect {
        Dialect::Python => command.arg(here.join("python_reader.py")),
        Dialect::Node => command
            .arg(here.join("node_reader.js"))
            .arg(tools.join("node")),
        Dialect::Compose if !tools.join("compose-reader").exists() => {
            eprintln!("skipped: compose-reader is not built");
            return None;
        }
        Dialect::Compose => &mut command,
    };
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let input = Value::from_iter(cases.iter().map(Case::json)).to_string();
    let mut stdin = child.stdin.take().unwrap();
    let feeder = std::thread::spawn(move || stdin.write_all(input.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap();
    assert!(output.status.success(), "the {dialect} reader failed");
    let results: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(results.len(), cases.len());
    Some(results)
}

/// A file that belongs to the whole workspace.
pub fn workspace_file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}
