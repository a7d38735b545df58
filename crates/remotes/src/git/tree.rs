//! Trees as git stores them: what stands under a name, submodules and links included.

use std::collections::HashMap;

use tokio::io::AsyncReadExt;

use super::call::Running;
use super::fetched::{line, malformed, skip};
use crate::{ObjectName, RemoteError};

/// Largest tree that is read, in bytes: half a million files in one folder.
const MAX_TREE: u64 = 64 << 20;

/// What stands where an object has its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// Nothing, and nothing is in the way.
    Free,
    /// A file.
    File,
    /// A link, a submodule or a folder; or one of its folders is none.
    Blocked,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entry {
    File,
    Folder,
    Other,
}

/// The trees of some folders of a commit, by the folders' names; empty for the root.
pub(super) struct Trees<'a>(HashMap<&'a str, HashMap<Vec<u8>, Entry>>);

impl Trees<'_> {
    /// What stands at the place of an object all of whose folders were read.
    pub fn slot(&self, name: &ObjectName) -> Slot {
        let mut outer = "";
        for folder in name.folders() {
            match self.entry(outer, folder) {
                None => return Slot::Free,
                Some(Entry::Folder) => outer = folder,
                Some(Entry::File | Entry::Other) => return Slot::Blocked,
            }
        }
        match self.entry(outer, name.as_str()) {
            None => Slot::Free,
            Some(Entry::File) => Slot::File,
            Some(Entry::Folder | Entry::Other) => Slot::Blocked,
        }
    }

    fn entry(&self, folder: &str, inner: &str) -> Option<Entry> {
        let last = inner.rsplit('/').next()?;
        self.0.get(folder)?.get(last.as_bytes()).copied()
    }
}

/// Reads what `cat-file --batch` says of `folders`; ids have `id_bytes` bytes.
pub(super) async fn read<'a>(
    mut running: Running,
    folders: &[&'a str],
    id_bytes: usize,
) -> Result<Trees<'a>, RemoteError> {
    let mut trees = HashMap::new();
    for folder in folders {
        let head = line(&mut running.stdout).await?;
        // `oid SP type SP size`, or `… missing`, or `… submodule`.
        let fields: Vec<_> = head.split(' ').collect();
        let [_, kind, size] = fields.as_slice() else {
            continue;
        };
        let size: u64 = size.parse().map_err(|_| malformed("answer of cat-file"))?;
        if *kind != "tree" {
            skip(&mut running.stdout, size + 1).await?;
            continue;
        }
        if size > MAX_TREE {
            return Err(RemoteError::TooLarge { limit: MAX_TREE });
        }
        let mut bytes = Vec::new();
        (&mut running.stdout)
            .take(size)
            .read_to_end(&mut bytes)
            .await?;
        skip(&mut running.stdout, 1).await?;
        let entries = parse(&bytes, id_bytes).ok_or_else(|| malformed("tree"))?;
        trees.insert(*folder, entries);
    }
    Ok(Trees(trees))
}

/// A tree is entries of `mode SP name NUL id`, the mode in octal and the id in binary.
fn parse(mut tree: &[u8], id_bytes: usize) -> Option<HashMap<Vec<u8>, Entry>> {
    let mut entries = HashMap::new();
    while !tree.is_empty() {
        let space = tree.iter().position(|c| *c == b' ')?;
        let nul = tree.iter().position(|c| *c == 0)?;
        let name = tree.get(space + 1..nul)?;
        let entry = match &tree[..space] {
            b"100644" | b"100664" | b"100755" => Entry::File,
            b"40000" | b"040000" => Entry::Folder,
            _ => Entry::Other,
        };
        entries.insert(name.to_vec(), entry);
        tree = tree.get(nul + 1 + id_bytes..)?;
    }
    Some(entries)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{Entry, parse};

    #[test]
    fn a_tree_is_read_or_refused() {
        let tree = b"100644 a b\0....40000 c\0....160000 d\0....120000 e\0....";
        let entries = parse(tree, 4).unwrap();
        assert_eq!(entries[b"a b".as_slice()], Entry::File);
        assert_eq!(entries[b"c".as_slice()], Entry::Folder);
        assert_eq!(entries[b"d".as_slice()], Entry::Other);
        assert_eq!(entries[b"e".as_slice()], Entry::Other);
        for end in 1..tree.len() {
            if ![12, 24, 37].contains(&end) {
                let cut = parse(&tree[..end], 4);
                assert!(cut.is_none() || cut.unwrap().len() < 4, "{end}");
            }
        }
        assert!(parse(b"\0 ", 4).is_none());
        assert!(parse(b"100644 a\0...", 4).is_none());
    }
}
