//! What is asked of the remote and sent to it. Only the network: no vault, no keys, nothing is
//! believed.

use std::collections::{BTreeMap, BTreeSet};

use remotes::{Creation, Fetched, ObjectName, Prefix, Remote, RemoteError, StrayKind};

use crate::crash::reached;

/// Most bytes of one object in the log.
const OBJECT: u64 = 10 << 20;
/// Most bytes of one round of fetching: what is held in memory.
const ROUND: u64 = 32 << 20;
/// Most objects asked for at once: what an interruption takes away.
const AT_ONCE: usize = 250;

/// Most names of one listing (threat 13): a tree of a few kilobytes, or a server, can make up any number.
const NAMES: usize = 1_000_000;

/// What lies in a folder of the remote.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    /// Names, without those that are there twice.
    pub names: BTreeSet<ObjectName>,
    /// What does not belong there, as it may be shown to a person.
    pub strays: Vec<String>,
}

/// Lists everything under a prefix that comes after a text.
pub(crate) async fn list(
    remote: &Remote,
    prefix: &Prefix,
    after: Option<String>,
) -> Result<Shown, RemoteError> {
    list_at_most(NAMES, remote, prefix, after).await
}

async fn list_at_most(
    limit: usize,
    remote: &Remote,
    prefix: &Prefix,
    after: Option<String>,
) -> Result<Shown, RemoteError> {
    let mut shown = Shown::default();
    let mut after = after;
    loop {
        let page = remote.list(prefix, after.as_deref()).await?;
        reached();
        let listed = page.objects.into_iter().map(|object| object.name);
        shown.names.extend(listed.filter(|name| prefix.holds(name)));
        // Half-written is not wrong: it is there when it is whole (threat 67).
        let strays = page
            .strays
            .iter()
            .filter(|stray| stray.kind != StrayKind::Temporary);
        shown
            .strays
            .extend(strays.map(|stray| format!("{} ({})", stray.shown_name(), stray.kind)));
        if shown.names.len() + shown.strays.len() > limit {
            return Err(RemoteError::TooMany { limit });
        }
        match page.next {
            // A remote that goes in circles gets no further.
            Some(next) if after.as_ref().is_none_or(|after| next > *after) => after = Some(next),
            _ => return Ok(shown),
        }
    }
}

/// Gets the first objects of a list, as many as one round holds: name and bytes, or none where
/// what is there is no object of a size that could be ours.
pub(super) async fn get(
    remote: &Remote,
    names: &[ObjectName],
) -> Result<Vec<(ObjectName, Option<Vec<u8>>)>, RemoteError> {
    get_sized(remote, names, OBJECT).await
}

/// As [`get`], for requests to join.
pub(super) async fn get_requests(
    remote: &Remote,
    names: &[ObjectName],
) -> Result<Vec<(ObjectName, Option<Vec<u8>>)>, RemoteError> {
    get_sized(remote, names, team::caps::REQUEST_BYTES as u64).await
}

/// As [`get`], for packs.
pub(crate) async fn get_packs(
    remote: &Remote,
    names: &[ObjectName],
) -> Result<Vec<(ObjectName, Option<Vec<u8>>)>, RemoteError> {
    get_sized(remote, names, team::caps::PACK_BYTES as u64).await
}

/// How many objects of a size one round holds.
pub(super) fn at_once(bytes: usize) -> usize {
    usize::try_from(ROUND).unwrap_or(usize::MAX) / bytes.max(1) + 1
}

async fn get_sized(
    remote: &Remote,
    names: &[ObjectName],
    each: u64,
) -> Result<Vec<(ObjectName, Option<Vec<u8>>)>, RemoteError> {
    let names = &names[..names.len().min(AT_ONCE)];
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let fetched = remote.get_many(names, each, ROUND).await?;
    reached();
    let whole = |fetched| match fetched {
        Fetched::Whole(bytes) => Some(bytes),
        Fetched::Absent | Fetched::TooLarge | Fetched::NotAFile => None,
    };
    Ok(names
        .iter()
        .cloned()
        .zip(fetched.into_iter().map(whole))
        .collect())
}

/// Creates objects, and says under which names other bytes were already.
pub(crate) async fn store(
    remote: &Remote,
    objects: &[(ObjectName, Vec<u8>)],
) -> Result<Vec<ObjectName>, RemoteError> {
    let created = remote.create_many(objects).await?;
    reached();
    let by_name: BTreeMap<_, _> = objects.iter().map(|(name, _)| name).zip(created).collect();
    let taken = by_name
        .into_iter()
        .filter(|(_, creation)| *creation == Creation::DifferentAlready);
    Ok(taken.map(|(name, _)| name.clone()).collect())
}

#[cfg(test)]
mod tests {
    use remotes::{MemoryStore, ObjectName, Prefix, RemoteError};

    use super::{list, list_at_most, store};

    // threat 13
    #[tokio::test]
    async fn a_listing_without_an_end_is_given_up() {
        let (remote, _) = MemoryStore::default().client();
        let object = |at: u32| (ObjectName::new(format!("log/{at:08}")).unwrap(), vec![7]);
        let objects: Vec<_> = (0..30).map(object).collect();
        store(&remote, &objects).await.unwrap();
        let all = list(&remote, &Prefix::ALL, None).await.unwrap();
        assert_eq!(all.names.len(), 30);
        let given_up = list_at_most(29, &remote, &Prefix::ALL, None).await;
        assert!(matches!(given_up, Err(RemoteError::TooMany { limit: 29 })));
    }
}
