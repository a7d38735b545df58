//! Walking a folder in the order of names, without visiting what lies before `after`.

use std::collections::BTreeMap;

use super::tree::{Dir, Found, Kind};
use crate::counts::{Counter, Request};
use crate::{Listing, Prefix, RemoteError, StrayKind};

/// Deepest folder that is entered: a name of 400 bytes can't have more parts.
const MAX_DEPTH: usize = 200;

/// Lists `dir`, which `prefix` names: at most `page` objects.
pub(super) fn list(
    dir: &Dir,
    prefix: &Prefix,
    after: Option<&str>,
    page: usize,
    counter: &Counter,
) -> Result<Listing, RemoteError> {
    let mut walk = Walk {
        page,
        prefix,
        after,
        counter,
        listing: Listing::default(),
    };
    walk.enter(dir, prefix.as_str().as_bytes(), 0)?;
    Ok(walk.listing)
}

struct Walk<'a> {
    page: usize,
    prefix: &'a Prefix,
    after: Option<&'a str>,
    counter: &'a Counter,
    listing: Listing,
}

impl Walk<'_> {
    /// Goes through one directory; `path` is its full name with a slash at its end.
    fn enter(&mut self, dir: &Dir, path: &[u8], depth: usize) -> Result<(), RemoteError> {
        self.counter.count(Request::Directory);
        let room = self.page - self.listing.objects.len();
        let mut strays = Vec::new();
        // Only the first names are kept, however many there are (threat 13). One more than
        // fits tells that there is a next page.
        let mut kept: BTreeMap<Vec<u8>, Kind> = BTreeMap::new();
        let mut left_out = false;
        dir.each_entry(|name, kind| {
            let mut full = [path, name].concat();
            match kind {
                Kind::Directory => full.push(b'/'),
                Kind::File if is_name(name) => {}
                // Kept apart, or a million strays would fill the page.
                _ => {
                    let kind = match kind {
                        Kind::Symlink => Some(StrayKind::Symlink),
                        Kind::Other => Some(StrayKind::NotAFile),
                        Kind::File | Kind::Directory => None,
                    };
                    if strays.len() <= self.page {
                        strays.push((full, kind));
                    }
                    return;
                }
            }
            if self.may_follow(&full) {
                kept.insert(full, kind);
                if kept.len() > room + 1 {
                    kept.pop_last();
                    left_out = true;
                }
            }
        })?;
        for (name, kind) in strays {
            match kind {
                Some(kind) => self.listing.add_stray(self.prefix, self.after, &name, kind),
                None => self.listing.add(self.prefix, self.after, &name, 0),
            }
        }
        let last = kept.keys().next_back().cloned();
        for (full, kind) in kept {
            if self.listing.next.is_some() {
                return Ok(());
            }
            let name = &full[path.len()..];
            match kind {
                Kind::Directory => self.descend(dir, &full, &name[..name.len() - 1], depth)?,
                _ => self.take(dir, &full, name)?,
            }
        }
        // Folders were left out, and those before them did not fill the page.
        if let (Some(last), true, None) = (last, left_out, &self.listing.next) {
            let mut last = String::from_utf8_lossy(&last).into_owned();
            if last.ends_with('/') {
                // After every name in it.
                last.push('~');
            }
            self.listing.next = Some(last);
        }
        Ok(())
    }

    fn descend(
        &mut self,
        dir: &Dir,
        full: &[u8],
        name: &[u8],
        depth: usize,
    ) -> Result<(), RemoteError> {
        let bare = &full[..full.len() - 1];
        let (Some(name), true) = (as_name(name), depth < MAX_DEPTH) else {
            self.listing
                .add_stray(self.prefix, self.after, bare, StrayKind::OtherName);
            return Ok(());
        };
        match dir.open_dir(name)? {
            Found::It(inner) => self.enter(&inner, full, depth + 1),
            // Removed or replaced since it was listed.
            Found::Nothing | Found::Other => Ok(()),
        }
    }

    fn take(&mut self, dir: &Dir, full: &[u8], name: &[u8]) -> Result<(), RemoteError> {
        if self.listing.objects.len() == self.page {
            let last = self.listing.objects.last();
            self.listing.next = last.map(|it| it.name.as_str().to_owned());
            return Ok(());
        }
        let name = as_name(name).expect("only such files were kept");
        if let Found::It(size) = dir.size(name)? {
            self.listing.add(self.prefix, self.after, full, size);
        }
        Ok(())
    }

    /// Whether this name, or one below it, can come after `after`.
    fn may_follow(&self, full: &[u8]) -> bool {
        let after = self.after.unwrap_or_default().as_bytes();
        full > after || after.starts_with(full)
    }
}

fn as_name(name: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(name).ok()?;
    crate::ObjectName::new(text).ok().map(|_| text)
}

fn is_name(name: &[u8]) -> bool {
    as_name(name).is_some()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::fs;
    use std::path::Path;

    use super::super::tree::{Dir, Found};
    use super::list;
    use crate::counts::Counter;
    use crate::{Listing, Prefix};

    fn page_of(folder: &Path, after: Option<&str>, page: usize) -> Listing {
        let Ok(Found::It(dir)) = Dir::open_root(folder) else {
            panic!("the folder is not there");
        };
        list(&dir, &Prefix::ALL, after, page, &Counter::default()).unwrap()
    }

    /// All pages, and how many there are.
    fn pages(folder: &Path, page: usize) -> (Vec<String>, usize) {
        let (mut names, mut count, mut after) = (Vec::new(), 0, None);
        loop {
            let listing = page_of(folder, after.as_deref(), page);
            assert!(listing.objects.len() <= page);
            names.extend(listing.objects.iter().map(|it| it.name.to_string()));
            count += 1;
            assert!(count < 100, "it goes on for ever");
            after = listing.next;
            if after.is_none() {
                return (names, count);
            }
        }
    }

    // threat 13
    #[test]
    fn a_folder_comes_in_pages_and_nothing_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let mut expected = Vec::new();
        for number in 0..10 {
            // Most folders are empty, and count all the same.
            let inner = folder.path().join(format!("{number}"));
            fs::create_dir(&inner).unwrap();
            let files = if number % 4 == 3 { 4 } else { 0 };
            for file in 0..files {
                fs::write(inner.join(format!("{file}")), "x").unwrap();
                expected.push(format!("{number}/{file}"));
            }
            fs::write(folder.path().join(format!("{number}.seg")), "x").unwrap();
            expected.push(format!("{number}.seg"));
        }
        expected.sort();
        for page in [1, 2, 3, 7, 17, 18, 19, 100] {
            let (names, count) = pages(folder.path(), page);
            assert_eq!(names, expected, "pages of {page}");
            assert!(count >= expected.len() / page);
        }
    }

    // threat 13: what is kept of a directory depends on the page, not on the directory.
    #[test]
    fn strays_do_not_crowd_out_objects() {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..50 {
            fs::write(folder.path().join(format!("A{number}")), "x").unwrap();
        }
        fs::write(folder.path().join("z"), "x").unwrap();
        let listing = page_of(folder.path(), None, 3);
        assert_eq!(listing.objects.len(), 1);
        assert_eq!(listing.next, None);
        assert!(!listing.strays.is_empty());
    }
}
