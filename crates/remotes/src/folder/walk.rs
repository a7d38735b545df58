//! Walking a folder in the order of names, without visiting what lies before `after`.

use std::collections::BTreeMap;

use super::tree::{Dir, Found, Kind};
use crate::counts::{Counter, Request};
use crate::listing::PAGE;
use crate::{Listing, Prefix, RemoteError, StrayKind};

/// Deepest folder that is entered: a name of 400 bytes can't have more parts.
const MAX_DEPTH: usize = 200;

/// Lists `dir`, which `prefix` names.
pub(super) fn list(
    dir: &Dir,
    prefix: &Prefix,
    after: Option<&str>,
    counter: &Counter,
) -> Result<Listing, RemoteError> {
    let mut walk = Walk {
        prefix,
        after,
        counter,
        listing: Listing::default(),
    };
    walk.enter(dir, prefix.as_str().as_bytes(), 0)?;
    Ok(walk.listing)
}

struct Walk<'a> {
    prefix: &'a Prefix,
    after: Option<&'a str>,
    counter: &'a Counter,
    listing: Listing,
}

impl Walk<'_> {
    /// Goes through one directory; `path` is its full name with a slash at its end.
    fn enter(&mut self, dir: &Dir, path: &[u8], depth: usize) -> Result<(), RemoteError> {
        self.counter.count(Request::Directory);
        let room = PAGE - self.listing.objects.len();
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
                    if strays.len() <= PAGE {
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
        if self.listing.objects.len() == PAGE {
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
