//! The list of commands written down: `ui/src/ipc/types.ts` for the front end, and the capability that
//! `build.rs` reads. `cargo xtask generate` writes both.

use std::any::TypeId;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use app::{Ask, Fault};
use tauri::Wry;
use ts_rs::{Config, TS, TypeVisitor};

use super::{Desk, describe};

/// What the front end gets to know.
pub struct Table {
    config: Config,
    commands: BTreeMap<String, (String, String)>,
    types: Types,
}

/// Declarations, by name.
struct Types {
    config: Config,
    seen: HashSet<TypeId>,
    declared: BTreeMap<String, String>,
}

impl Table {
    pub fn add<A, T, F>(&mut self, name: &str, _: impl FnOnce(Desk<Wry>, A) -> F)
    where
        A: TS + 'static,
        T: TS + 'static,
        F: Future<Output = Result<T, Fault>>,
    {
        A::visit_dependencies(&mut self.types);
        self.types.visit::<T>();
        T::visit_generics(&mut self.types);
        let ask = A::inline(&self.config);
        let answer = T::name(&self.config);
        self.commands.insert(name.to_owned(), (ask, answer));
    }
}

/// Never carried out: it only has the type of the answer.
pub fn answer_of<A: Ask>(_: A) -> Result<A::Answer, Fault> {
    unreachable!("a table asks nothing")
}

impl TypeVisitor for Types {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if !self.seen.insert(TypeId::of::<T>()) {
            return;
        }
        // What has no file of its own is built in.
        if T::output_path().is_some() {
            let name = T::name(&self.config);
            let declared = format!("export {}", T::decl(&self.config));
            let other = self.declared.insert(name.clone(), declared.clone());
            assert!(
                other.is_none_or(|other| other == declared),
                "two types are called {name}"
            );
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

/// Puts one field on a line, and what is said of it before it.
fn indented(types: &str) -> String {
    let mut depth: usize = 0;
    let mut text = String::new();
    let lines = types.replace("/**\n * ", "/** ").replace("\n */", " */");
    for line in lines.lines().map(str::trim) {
        let closes = line.chars().take_while(|one| "}])".contains(*one)).count();
        let indent = "  ".repeat(depth.saturating_sub(closes));
        let star = if line.starts_with('*') { " " } else { "" };
        let _ = writeln!(text, "{}", format!("{indent}{star}{line}").trim_end());
        if !line.starts_with('/') && !line.starts_with('*') {
            let opened = line.matches(['{', '[', '(']).count();
            depth = (depth + opened).saturating_sub(line.matches(['}', ']', ')']).count());
        }
    }
    text
}

#[test]
fn the_list_of_commands_is_written_down() {
    let config = || Config::default().with_large_int("number");
    let mut table = Table {
        config: config(),
        commands: BTreeMap::new(),
        types: Types {
            config: config(),
            seen: HashSet::new(),
            declared: BTreeMap::new(),
        },
    };
    table.types.visit::<Fault>();
    describe(&mut table);

    let mut types = "// Written by `cargo xtask generate` from the program's own types. Times are Unix seconds.\n\n".to_owned();
    for declared in table.types.declared.values() {
        let _ = writeln!(types, "{declared}\n");
    }
    types.push_str(
        "/** Every command, with its question and its answer. */\nexport interface Commands {\n",
    );
    for (name, (ask, answer)) in &table.commands {
        let _ = writeln!(types, "  {name}: {{ ask: {ask}; answer: {answer} }}");
    }
    types.push_str("}\n");
    let types = indented(&types);

    let events = ["core:event:allow-listen", "core:event:allow-unlisten"].map(str::to_owned);
    let commands: BTreeSet<_> = table
        .commands
        .keys()
        .map(|name| name.replace('_', "-"))
        .collect();
    let allowed = commands.iter().map(|name| format!("allow-{name}"));
    let permissions: Vec<String> = events.into_iter().chain(allowed).collect();
    let capability = serde_json::json!({
        "identifier": "main",
        "description": "What the one window may ask, and no other. Written by `cargo xtask generate`.",
        "windows": ["main"],
        "local": true,
        "permissions": permissions,
    });
    let capability = format!("{}\n", serde_json::to_string_pretty(&capability).unwrap());

    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (path, text) in [
        ("../ui/src/ipc/types.ts", types),
        ("capabilities/main.json", capability),
    ] {
        let path = here.join(path);
        if env::var_os("SEALFOLD_GENERATE").is_some() {
            fs::write(&path, text).unwrap();
        } else {
            let found = fs::read_to_string(&path).unwrap_or_default();
            assert!(
                found == text,
                "{}: `cargo xtask generate` writes it",
                path.display()
            );
        }
    }
}
