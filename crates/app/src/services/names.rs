//! Names of sheets on a remote (protocol §5). The newest is listed first, so that a job need not
//! list those before it.

use std::collections::BTreeMap;

use remotes::{ObjectName, Prefix};
use team::ids::{MemberId, TeamId};

/// Where the sheets of a service lie.
pub(crate) fn folder(team: &TeamId, service: &MemberId) -> Prefix {
    Prefix::new(&path(team, service)).expect("hex and slashes mean one thing everywhere")
}

fn path(team: &TeamId, service: &MemberId) -> String {
    format!("sealfold/1/{team}/service/{service}")
}

/// A sheet of this count with these bytes.
pub(super) fn sheet(team: &TeamId, service: &MemberId, count: u64, bytes: &[u8]) -> ObjectName {
    let (path, hash) = (path(team, service), hash_of(bytes));
    let order = u64::MAX - count;
    ObjectName::new(format!("{path}/{order:016x}-{hash}"))
        .expect("hex, dashes and slashes are short and mean one thing everywhere")
}

/// Hash of a sheet's bytes, as its name has it.
pub(crate) fn hash_of(bytes: &[u8]) -> String {
    hex::encode(crypto::hash(crypto::Purpose::BlobHash, bytes))
}

/// The names of sheets in a folder by the count that they promise, the highest first, each with
/// the hash that it promises. What is no sheet's name is left out.
pub(crate) fn by_count<'a>(
    folder: &Prefix,
    names: impl IntoIterator<Item = &'a ObjectName>,
) -> Vec<(u64, Vec<(ObjectName, String)>)> {
    let mut counts: BTreeMap<u64, Vec<(ObjectName, String)>> = BTreeMap::new();
    for name in names {
        if let Some((count, hash)) = parse(folder, name) {
            let same = counts.entry(count).or_default();
            same.push((name.clone(), hash.to_owned()));
        }
    }
    counts.into_iter().rev().collect()
}

fn parse<'a>(folder: &Prefix, name: &'a ObjectName) -> Option<(u64, &'a str)> {
    let (order, hash) = name
        .as_str()
        .strip_prefix(folder.as_str())?
        .split_once('-')?;
    let digits = |text: &str, length| {
        text.len() == length && text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'))
    };
    if !digits(order, 16) || !digits(hash, 64) {
        return None;
    }
    Some((u64::MAX - u64::from_str_radix(order, 16).ok()?, hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_comes_first_and_what_is_no_sheet_is_left_out() {
        let (team, service) = (TeamId::from_bytes([7; 32]), MemberId::from_bytes([5; 32]));
        let folder = folder(&team, &service);
        let [old, one, other] = [(9, b"a"), (10, b"b"), (10, b"c")]
            .map(|(count, bytes)| sheet(&team, &service, count, bytes));
        assert!(one < old && other < old);
        let upper = old.as_str().replace("fff6-", "fff-");
        let strays = [
            upper,
            format!("{old}0"),
            format!("{}x", folder.as_str()),
            old.as_str().replace("0505", "0506"),
        ];
        let strays = strays.map(|name| ObjectName::new(name).unwrap());
        let all = strays.iter().chain([&old, &one, &other]);
        let found = by_count(&folder, all);
        let counts: Vec<_> = found
            .iter()
            .map(|(count, names)| (*count, names.len()))
            .collect();
        assert_eq!(counts, [(10, 2), (9, 1)]);
        assert_eq!(found[1].1, [(old, hash_of(b"a"))]);
    }
}
