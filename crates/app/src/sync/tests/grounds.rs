//! What the clients of a scenario meet on: memory, or a real courier. On a real one each client has
//! a place of its own, which is made before each of its requests to hold just what its view of the
//! store shows; what the client put there goes into the store. So one hand controls all views.

#[path = "../../../../remotes/tests/contract/processes.rs"]
#[allow(dead_code, reason = "shared with the couriers' own tests")]
mod processes;
mod s3;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::rc::Rc;

use remotes::{Environment, MemoryStore, MemoryView, ObjectName, Prefix, Remote, Surroundings};
use tempfile::TempDir;

pub use s3::{Server, credentials};

/// Objects by name.
type Objects = BTreeMap<ObjectName, Vec<u8>>;

/// What clients meet on.
#[derive(Clone)]
pub enum Ground {
    Memory,
    Folder,
    Git,
    S3(Rc<Server>),
}

/// What a client holds: its courier, the hand on its view, and its real place, if it has one.
pub struct Client {
    pub remote: Remote,
    pub view: MemoryView,
    pub place: Option<Place>,
}

impl Ground {
    /// Whether a request costs next to nothing.
    pub fn is_memory(&self) -> bool {
        matches!(self, Self::Memory)
    }

    /// A client that has seen nothing yet.
    pub fn client(&self, store: &MemoryStore) -> Client {
        let (model, view) = store.client();
        if let Self::Memory = self {
            return Client {
                remote: model,
                view,
                place: None,
            };
        }
        let folder = tempfile::tempdir().unwrap();
        let (kind, location) = match self {
            Self::Git => {
                let bare = folder.path().join("team.git");
                git(
                    folder.path(),
                    &["init", "--quiet", "--bare", "team.git"],
                    b"",
                );
                let location = format!("file://{}", bare.display());
                (Kind::Git(bare), location)
            }
            Self::S3(server) => {
                let prefix = server.new_prefix();
                let location = server.location(&prefix);
                (Kind::S3(Rc::clone(server), prefix), location)
            }
            _ => {
                let shared = folder.path().join("shared");
                fs::create_dir(&shared).unwrap();
                let location = format!("folder:{}", shared.display());
                (Kind::Folder(shared), location)
            }
        };
        let mut environment: Vec<(OsString, OsString)> = vec![
            ("PATH".into(), std::env::var_os("PATH").unwrap_or_default()),
            ("HOME".into(), folder.path().into()),
            ("GIT_CONFIG_NOSYSTEM".into(), "1".into()),
        ];
        environment.extend(s3::credentials());
        let surroundings = Surroundings {
            cache: folder.path().join("cache"),
            environment: environment.into_iter().collect::<Environment>(),
        };
        let remote = Remote::connect(&location.parse().unwrap(), &surroundings).unwrap();
        let place = Place {
            model,
            kind,
            laid: Objects::new(),
            _folder: folder,
        };
        Client {
            remote,
            view,
            place: Some(place),
        }
    }
}

enum Kind {
    Folder(PathBuf),
    Git(PathBuf),
    S3(Rc<Server>, String),
}

/// The real place of one client.
pub struct Place {
    model: Remote,
    kind: Kind,
    /// What lies there.
    laid: Objects,
    _folder: TempDir,
}

impl Place {
    /// Makes the place hold what the client's view shows.
    pub async fn lay_out(&mut self) {
        let wanted = shown(&self.model).await;
        if wanted == self.laid {
            return;
        }
        let gone = self.laid.keys().filter(|name| !wanted.contains_key(*name));
        let new = wanted
            .iter()
            .filter(|(name, bytes)| self.laid.get(*name) != Some(*bytes));
        match &self.kind {
            Kind::Folder(root) => {
                for name in gone {
                    fs::remove_file(root.join(name.as_str())).unwrap();
                }
                for (name, bytes) in new {
                    let path = root.join(name.as_str());
                    fs::create_dir_all(path.parent().unwrap()).unwrap();
                    fs::write(path, bytes).unwrap();
                }
            }
            Kind::Git(bare) => rewrite(bare, &wanted),
            Kind::S3(server, prefix) => {
                for name in gone {
                    server.delete(prefix, name.as_str());
                }
                for (name, bytes) in new {
                    server.put(prefix, name.as_str(), bytes);
                }
            }
        }
        self.laid = wanted;
    }

    /// Puts what the client created into the store.
    pub async fn gather(&mut self) {
        let names = match &self.kind {
            Kind::Folder(root) => files(root),
            Kind::Git(bare) => listed(bare),
            Kind::S3(server, prefix) => server.names(prefix),
        };
        let names = names.into_iter().map(|name| ObjectName::new(name).unwrap());
        let mut created = Vec::new();
        for name in names.filter(|name| !self.laid.contains_key(name)) {
            let bytes = match &self.kind {
                Kind::Folder(root) => fs::read(root.join(name.as_str())).unwrap(),
                Kind::Git(bare) => {
                    let object = format!("sealfold:{name}");
                    git(bare, &["cat-file", "blob", &object], b"")
                }
                Kind::S3(server, prefix) => server.get(prefix, name.as_str()),
            };
            created.push((name, bytes));
        }
        self.model.create_many(&created).await.unwrap();
        self.laid.extend(created);
    }
}

/// Everything that a client in memory sees.
async fn shown(model: &Remote) -> Objects {
    let mut names = Vec::new();
    let mut after = None;
    loop {
        let page = model.list(&Prefix::ALL, after.as_deref()).await.unwrap();
        names.extend(page.objects.into_iter().map(|object| object.name));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let fetched = model.get_many(&names, u64::MAX, u64::MAX).await.unwrap();
    let whole = fetched.into_iter().map(|fetched| match fetched {
        remotes::Fetched::Whole(bytes) => bytes,
        other => panic!("{other:?}"),
    });
    names.into_iter().zip(whole).collect()
}

/// The files in a folder of one's own, by their names below it.
fn files(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut next = vec![root.to_owned()];
    while let Some(at) = next.pop() {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                next.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap();
                found.push(name.to_owned());
            }
        }
    }
    found
}

/// Names and bytes of everything in a folder.
pub fn files_in(root: &Path) -> Vec<(String, Vec<u8>)> {
    let names = files(root).into_iter();
    let with_bytes = |name: String| {
        let bytes = fs::read(root.join(&name)).unwrap();
        (name, bytes)
    };
    names.map(with_bytes).collect()
}

/// Names and bytes of everything in the branch of a bare repository.
pub fn files_on_branch(bare: &Path) -> Vec<(String, Vec<u8>)> {
    let names = listed(bare).into_iter();
    let with_bytes = |name: String| {
        let bytes = git(
            bare,
            &["cat-file", "blob", &format!("sealfold:{name}")],
            b"",
        );
        (name, bytes)
    };
    names.map(with_bytes).collect()
}

/// The names in the branch of a bare repository.
fn listed(bare: &Path) -> Vec<String> {
    let branch = git(bare, &["for-each-ref", "refs/heads/sealfold"], b"");
    if branch.is_empty() {
        return Vec::new();
    }
    let names = git(
        bare,
        &["ls-tree", "-r", "-z", "--name-only", "sealfold"],
        b"",
    );
    let names = String::from_utf8(names).unwrap();
    names.split_terminator('\0').map(str::to_owned).collect()
}

/// Makes the branch a single commit with just these files, whatever it was.
fn rewrite(bare: &Path, objects: &Objects) {
    let mut stream =
        b"commit refs/heads/sealfold\ncommitter t <t@t> 0 +0000\ndata 0\ndeleteall\n".to_vec();
    for (name, bytes) in objects {
        write!(stream, "M 100644 inline {name}\ndata {}\n", bytes.len()).unwrap();
        stream.extend(bytes);
        stream.push(b'\n');
    }
    git(bare, &["fast-import", "--quiet", "--force"], &stream);
}

/// Calls git, away from the configuration of whoever runs the tests.
pub fn git(at: &Path, args: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child = Command::new("git")
        .args(args)
        .current_dir(at)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "git {args:?}");
    output.stdout
}
