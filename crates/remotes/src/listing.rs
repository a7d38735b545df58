//! What a listing gives: objects in the order of their names, and what lies there besides.

use std::fmt;

use crate::{ObjectName, Prefix};

/// Most entries of one listing; what follows is asked for with [`Listing::next`] (threat 13).
pub(crate) const PAGE: usize = 50_000;
/// Most strays that a listing names.
const MAX_STRAYS: usize = 100;
/// Most characters kept of a stray's name.
const MAX_SHOWN: usize = 200;

/// An object that is there now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: ObjectName,
    /// Its size in bytes, as the remote says.
    pub size: u64,
}

/// One page of what lies in a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Ascending by name, no name twice.
    pub objects: Vec<Listed>,
    /// What is no object: reported, never read (threats 61, 64, 67). At most 100; the rest is
    /// only counted.
    pub strays: Vec<Stray>,
    /// How many strays there were.
    pub stray_count: usize,
    /// Where to go on; absent after the last page.
    pub next: Option<String>,
}

impl Listing {
    /// Takes in something found under its full name, unless it lies outside `prefix`, or not
    /// after `after`.
    pub(crate) fn add(&mut self, prefix: &Prefix, after: Option<&str>, found: &[u8], size: u64) {
        if !self.wants(prefix, after, found) {
            return;
        }
        match std::str::from_utf8(found).map(ObjectName::new) {
            Ok(Ok(name)) => self.objects.push(Listed { name, size }),
            _ => self.add_stray(prefix, after, found, StrayKind::of_file(found)),
        }
    }

    /// Takes in something that is no object.
    pub(crate) fn add_stray(
        &mut self,
        prefix: &Prefix,
        after: Option<&str>,
        found: &[u8],
        kind: StrayKind,
    ) {
        if !self.wants(prefix, after, found) {
            return;
        }
        self.stray_count += 1;
        if self.strays.len() < MAX_STRAYS {
            self.strays.push(Stray {
                name: shown(found),
                kind,
            });
        }
    }

    fn wants(&self, prefix: &Prefix, after: Option<&str>, found: &[u8]) -> bool {
        let after = after.unwrap_or_default().as_bytes();
        found.starts_with(prefix.as_str().as_bytes()) && found > after
    }
}

/// Something in a remote that is no object of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stray {
    name: String,
    /// What it looks like.
    pub kind: StrayKind,
}

impl Stray {
    /// Its name, with everything escaped that a terminal might act on, and cut at 200 characters
    /// (threat 60).
    pub fn shown_name(&self) -> &str {
        &self.name
    }
}

/// What a stray looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StrayKind {
    /// A copy that Syncthing, Dropbox, Nextcloud or the like made of two versions.
    ConflictCopy,
    /// A file that is still being written, or was left behind half-written.
    Temporary,
    /// A symbolic link. It is not followed.
    Symlink,
    /// Another repository inside this one. It is not followed.
    Submodule,
    /// A device, pipe or socket, or something else that holds no bytes of its own.
    NotAFile,
    /// A file whose name is no [`ObjectName`].
    OtherName,
}

impl StrayKind {
    /// Judges a plain file by a name that is no object's.
    fn of_file(path: &[u8]) -> Self {
        let text = String::from_utf8_lossy(path).to_lowercase();
        let name = text.rsplit('/').next().unwrap_or_default();
        // Syncthing; Dropbox ("x (Ann's conflicted copy 2026-01-02)"), Nextcloud, OneDrive.
        let conflict = [
            ".sync-conflict-",
            "conflicted copy",
            "conflict-",
            "_conflict",
        ];
        if conflict.iter().any(|mark| name.contains(mark)) {
            return Self::ConflictCopy;
        }
        // ~ours.tmp, .syncthing.x.tmp, ~syncthing~x.tmp, x.part, .x.swp, .~x, .nfs0001
        let ends = [".tmp", ".part", ".partial", ".swp", "~"];
        let starts = [".~", "~", ".nfs"];
        if ends.iter().any(|end| name.ends_with(end))
            || starts.iter().any(|it| name.starts_with(it))
        {
            return Self::Temporary;
        }
        Self::OtherName
    }
}

impl fmt::Display for StrayKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ConflictCopy => "conflict copy",
            Self::Temporary => "temporary file",
            Self::Symlink => "symbolic link",
            Self::Submodule => "submodule",
            Self::NotAFile => "not a file",
            Self::OtherName => "foreign name",
        })
    }
}

fn shown(name: &[u8]) -> String {
    let text = String::from_utf8_lossy(name);
    let escaped = text.chars().flat_map(|c| match c {
        // Whatever is not plain ASCII might be turned around, combined or confused.
        ' '..='~' if c != '\\' => c.escape_default().to_string().chars().collect::<Vec<_>>(),
        _ => c.escape_unicode().collect(),
    });
    escaped.take(MAX_SHOWN).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{Listing, StrayKind};
    use crate::Prefix;

    // threat 67
    #[test]
    fn conflict_copies_and_temporary_files_are_known_by_name() {
        let cases: [(&[u8], StrayKind); 9] = [
            (
                b"a/x.sync-conflict-20260102-030405-ABCDEFG.seg",
                StrayKind::ConflictCopy,
            ),
            (
                b"a/x (Ann's conflicted copy 2026-01-02).seg",
                StrayKind::ConflictCopy,
            ),
            (
                b"a/x (conflicted copy 2026-01-02 030405).seg",
                StrayKind::ConflictCopy,
            ),
            (b"a/.syncthing.x.seg.tmp", StrayKind::Temporary),
            (b"a/~sealfold-0011.tmp", StrayKind::Temporary),
            (b"a/x.seg.tmp", StrayKind::Temporary),
            (b"a/x.part", StrayKind::OtherName),
            (b"a/.DS_Store", StrayKind::OtherName),
            (b"a/\xff", StrayKind::OtherName),
        ];
        for (name, kind) in cases {
            let mut listing = Listing::default();
            listing.add(&Prefix::ALL, None, name, 1);
            match listing.strays.as_slice() {
                [stray] => assert_eq!(stray.kind, kind, "{name:?}"),
                // `.part` alone is a name like another: the caller knows what it expects.
                [] => assert_eq!(name, b"a/x.part"),
                _ => unreachable!(),
            }
        }
    }

    // threat 60
    #[test]
    fn a_stray_name_is_shown_escaped_and_cut() {
        let mut listing = Listing::default();
        listing.add(&Prefix::ALL, None, "a\u{1b}[2J\u{202e}\n\\".as_bytes(), 1);
        let long = vec![b'A'; 10_000];
        listing.add(&Prefix::ALL, None, &long, 1);
        assert_eq!(
            listing.strays[0].shown_name(),
            r"a\u{1b}[2J\u{202e}\u{a}\u{5c}"
        );
        assert_eq!(listing.strays[1].shown_name().len(), 200);
    }

    // threat 13
    #[test]
    fn strays_are_counted_and_few_are_kept() {
        let mut listing = Listing::default();
        for number in 0..10_000 {
            let name = format!("A{number}");
            listing.add(&Prefix::ALL, None, name.as_bytes(), 1);
        }
        assert_eq!((listing.strays.len(), listing.stray_count), (100, 10_000));
    }
}
