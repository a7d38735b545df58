//! Reading what plumbing says about a commit, in bounded memory.

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::ChildStdout;

use super::Oid;
use super::call::Running;
use crate::listing::PAGE;
use crate::remote::Budget;
use crate::{Cause, Fetched, Listing, ObjectName, Prefix, RemoteError, StrayKind};

/// Longest entry of a tree that is read: paths in a hostile one have no limit.
const MAX_ENTRY: u64 = 16 << 10;
/// Most files of one folder that are listed at a time where a few are wanted.
const SOME: usize = 1_000;
/// Most entries that are looked at for one page. Trees can cite each other until there are more
/// paths than atoms.
const MAX_ENTRIES: usize = 20 * PAGE;

/// Reads `ls-tree -r -z -l`: `mode SP type SP oid SP+ size TAB path NUL`, in the paths' order.
pub(super) async fn list(
    mut running: Running,
    prefix: &Prefix,
    after: Option<&str>,
) -> Result<Listing, RemoteError> {
    let mut listing = Listing::default();
    let mut entries = 0;
    loop {
        let mut entry = Vec::new();
        let mut limited = (&mut running.stdout).take(MAX_ENTRY);
        if limited.read_until(0, &mut entry).await? == 0 {
            break;
        }
        if entry.pop() != Some(0) {
            return Err(malformed("entry of a tree"));
        }
        let tab = entry.iter().position(|c| *c == b'\t');
        let (head, path) = entry.split_at(tab.ok_or_else(|| malformed("entry of a tree"))?);
        let path = &path[1..];
        if path <= after.unwrap_or_default().as_bytes() {
            continue;
        }
        if listing.objects.len() == PAGE || entries == MAX_ENTRIES {
            let last = listing.objects.last().map(|it| it.name.as_str().to_owned());
            listing.next = last.or(Some(String::from_utf8_lossy(path).into_owned()));
            // It is not read to its end: that would be a failure to git.
            return Ok(listing);
        }
        entries += 1;
        let head = String::from_utf8_lossy(head);
        let fields: Vec<_> = head.split_whitespace().collect();
        let stray = match fields.as_slice() {
            ["100644" | "100664" | "100755", "blob", _, size] => {
                let size = size.parse().map_err(|_| malformed("size in a tree"))?;
                listing.add(prefix, after, path, size);
                continue;
            }
            ["120000", ..] => StrayKind::Symlink,
            ["160000", ..] => StrayKind::Submodule,
            _ => StrayKind::NotAFile,
        };
        listing.add_stray(prefix, after, path, stray);
    }
    match running.end().await? {
        Ok(()) => Ok(listing),
        Err(source) => Err(RemoteError::Malformed { source }),
    }
}

/// Reads `ls-tree -z` of one folder's tree: `mode SP type SP oid TAB name NUL`. The files' ids come
/// beside their names; their sizes are not known.
pub(super) async fn list_tree(
    mut running: Running,
    folder: &Prefix,
    after: Option<&str>,
) -> Result<(Listing, Vec<(ObjectName, Oid)>), RemoteError> {
    let (mut listing, mut files) = (Listing::default(), Vec::new());
    loop {
        let mut entry = Vec::new();
        let mut limited = (&mut running.stdout).take(MAX_ENTRY);
        if limited.read_until(0, &mut entry).await? == 0 {
            break;
        }
        let entry = entry.strip_suffix(&[0]);
        let entry = entry.ok_or_else(|| malformed("entry of a tree"))?;
        let tab = entry.iter().position(|c| *c == b'\t');
        let (head, name) = entry.split_at(tab.ok_or_else(|| malformed("entry of a tree"))?);
        let path = [folder.as_str().as_bytes(), &name[1..]].concat();
        if listing.objects.len() == SOME {
            listing.next = listing.objects.last().map(|it| it.name.as_str().to_owned());
            return Ok((listing, files));
        }
        let head = String::from_utf8_lossy(head);
        let fields: Vec<_> = head.split(' ').collect();
        let stray = match fields.as_slice() {
            ["100644" | "100664" | "100755", "blob", oid] => {
                let before = listing.objects.len();
                listing.add(folder, after, &path, 0);
                if let (Some(listed), Some(oid)) = (listing.objects.get(before), Oid::new(oid)) {
                    files.push((listed.name.clone(), oid));
                }
                continue;
            }
            ["120000", ..] => StrayKind::Symlink,
            ["160000", ..] => StrayKind::Submodule,
            _ => StrayKind::NotAFile,
        };
        listing.add_stray(folder, after, &path, stray);
    }
    match running.end().await? {
        Ok(()) => Ok((listing, files)),
        Err(source) => Err(RemoteError::Malformed { source }),
    }
}

/// Reads `cat-file --batch`: `oid SP type SP size LF bytes LF`, or `… missing LF`.
pub(super) async fn read(
    mut running: Running,
    count: usize,
    each: u64,
    all: u64,
) -> Result<Vec<Fetched>, RemoteError> {
    let mut budget = Budget::new(all);
    let mut results = Vec::with_capacity(count);
    while results.len() < count {
        let head = line(&mut running.stdout).await?;
        if head.ends_with(" missing") {
            results.push(Fetched::Absent);
            continue;
        }
        let fields: Vec<_> = head.split(' ').collect();
        let [_, kind, size] = fields.as_slice() else {
            return Err(malformed("answer of cat-file"));
        };
        let size: u64 = size.parse().map_err(|_| malformed("answer of cat-file"))?;
        if *kind != "blob" || size > each {
            skip(&mut running.stdout, size + 1).await?;
            results.push(if *kind == "blob" {
                Fetched::TooLarge
            } else {
                Fetched::NotAFile
            });
            continue;
        }
        if !budget.takes(size) {
            break;
        }
        let length = usize::try_from(size).map_err(|_| malformed("size of an object"))?;
        let mut bytes = vec![0; length];
        running.stdout.read_exact(&mut bytes).await?;
        skip(&mut running.stdout, 1).await?;
        results.push(Fetched::Whole(bytes));
    }
    Ok(results)
}

/// One line, without its end.
pub(super) async fn line(from: &mut BufReader<ChildStdout>) -> Result<String, RemoteError> {
    let mut line = Vec::new();
    from.take(MAX_ENTRY).read_until(b'\n', &mut line).await?;
    if line.pop() != Some(b'\n') {
        return Err(malformed("answer of cat-file"));
    }
    String::from_utf8(line).map_err(|_| malformed("answer of cat-file"))
}

pub(super) async fn skip(from: &mut BufReader<ChildStdout>, bytes: u64) -> Result<(), RemoteError> {
    let mut rest = from.take(bytes);
    let skipped = tokio::io::copy_buf(&mut rest, &mut tokio::io::sink()).await?;
    if skipped != bytes {
        return Err(malformed("answer of cat-file"));
    }
    Ok(())
}

pub(super) fn malformed(what: &'static str) -> RemoteError {
    RemoteError::Malformed {
        source: Cause::Format { what },
    }
}
