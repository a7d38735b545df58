//! Whose work is built into the programs, and their licences, which ask to go along with every copy.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::lines::said;
use crate::workspace::{cargo, root};

/// How files with a licence begin.
const NAMES: [&str; 4] = ["LICENSE", "LICENCE", "COPYING", "NOTICE"];

/// Something built in: how it is called, what it is licensed under, and where it lies.
struct Part {
    name: String,
    licence: String,
    folder: PathBuf,
}

/// All licences, each text once with the parts that it is of.
pub fn text() -> Result<String> {
    let mut parts = crates()?;
    parts.extend(scripts()?);
    let mut text = String::from(
        "What is built into sealfold and sealfold-desktop beside their own sources, and under which\n\
         licence. The texts follow, each with those that it came with.\n\n",
    );
    let mut texts: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for part in &parts {
        writeln!(text, "{}: {}", part.name, part.licence)?;
        for licence in licences(&part.folder)? {
            texts.entry(licence).or_default().insert(&part.name);
        }
    }
    for (licence, names) in texts {
        let names: Vec<&str> = names.into_iter().collect();
        write!(
            text,
            "\n{}\n{}\n\n{licence}\n",
            "=".repeat(80),
            names.join(", ")
        )?;
    }
    Ok(text)
}

/// The crates of both programs, for this system.
fn crates() -> Result<Vec<Part>> {
    let places = places()?;
    let mut tree = cargo("tree --locked --edges normal --prefix none --no-dedupe");
    tree.args(["--package", "sealfold-cli", "--package", "sealfold-desktop"]);
    let lines = said(tree.args(["--format", "{p}\t{l}"]))?;
    let lines: BTreeSet<&str> = lines.lines().filter(|line| !line.is_empty()).collect();
    let mut parts = Vec::new();
    for line in lines {
        let (package, licence) = line.split_once('\t').context("a line of cargo tree")?;
        // `name v1.2.3`, and behind it the folder of what is ours, or `(proc-macro)`.
        let mut words = package.split(' ');
        let (Some(name), Some(version)) = (words.next(), words.next()) else {
            bail!("cargo tree says `{line}`");
        };
        let named = format!("{name}-{}", version.trim_start_matches('v'));
        // Ours lie in the checkout and have the licence of the package.
        if let Some(folder) = places.get(&named) {
            parts.push(Part {
                name: named,
                licence: licence.to_owned(),
                folder: folder.clone(),
            });
        }
    }
    Ok(parts)
}

/// The folder of each crate from a registry, by name and version, which its folder is called.
fn places() -> Result<BTreeMap<String, PathBuf>> {
    const KEY: &str = "\"manifest_path\":\"";
    let metadata = said(&mut cargo("metadata --locked --format-version 1"))?;
    let manifests = metadata.split(KEY).skip(1);
    let manifests = manifests.filter_map(|rest| rest.split('"').next());
    let outside = manifests
        .map(Path::new)
        .filter(|path| !path.starts_with(root()));
    let folders = outside.filter_map(Path::parent);
    Ok(folders
        .filter_map(|folder| Some((folder.file_name()?.to_str()?.to_owned(), folder.to_owned())))
        .collect())
}

/// The packages of the front end that end up in its script.
fn scripts() -> Result<Vec<Part>> {
    let ui = root().join("ui");
    let list = ["ls", "--omit=dev", "--all", "--parseable"];
    let listed = said(Command::new("npm").args(list).current_dir(&ui))?;
    // The first line is the front end itself.
    let folders = listed.lines().skip(1).map(PathBuf::from);
    let mut parts = Vec::new();
    for folder in folders {
        let manifest = folder.join("package.json");
        let manifest = fs::read_to_string(&manifest)
            .with_context(|| format!("reading {}", manifest.display()))?;
        let field = |name: &str| {
            let (_, rest) = manifest.split_once(&format!("\"{name}\": \""))?;
            Some(rest.split('"').next()?.to_owned())
        };
        let name = field("name").context("a package without a name")?;
        let version = field("version").context("a package without a version")?;
        parts.push(Part {
            name: format!("{name}-{version}"),
            licence: field("license").unwrap_or_else(|| "see its text".to_owned()),
            folder,
        });
    }
    Ok(parts)
}

/// The texts that lie beside a package's manifest.
fn licences(folder: &Path) -> Result<Vec<String>> {
    let mut texts = Vec::new();
    let entries = fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().to_uppercase());
        let is_one = name.is_some_and(|name| NAMES.iter().any(|it| name.starts_with(it)));
        if is_one && path.is_file() {
            let text = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
            let text = String::from_utf8_lossy(&text).replace('\r', "");
            texts.push(text.trim_end().to_owned());
        }
    }
    Ok(texts)
}
