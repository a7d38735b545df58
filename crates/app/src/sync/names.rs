//! Names of objects on a remote (protocol §5): made in one way, and read strictly, for anybody can
//! put anything there.

use crypto::KeyId;
use remotes::{ObjectName, Prefix};
use team::ids::{BlobId, DeviceId, TeamId};
use time::{Date, OffsetDateTime};

const SECONDS_A_DAY: u64 = 86_400;

/// A day by a clock that counts Unix seconds: days since 1970.
pub(super) fn day_of(seconds: u64) -> u32 {
    u32::try_from(seconds / SECONDS_A_DAY).unwrap_or(u32::MAX)
}

/// A day as names have it: `2026-01-31`.
fn day_text(day: u32) -> String {
    let seconds = i64::from(day) * SECONDS_A_DAY.cast_signed();
    let date = OffsetDateTime::from_unix_timestamp(seconds).map_or(Date::MAX, OffsetDateTime::date);
    let (year, month, day) = date.to_calendar_date();
    format!("{year:04}-{:02}-{day:02}", u8::from(month))
}

/// Everything of a team.
fn root(team: &TeamId) -> String {
    format!("sealfold/1/{team}")
}

fn name(text: String) -> ObjectName {
    ObjectName::new(text).expect("hex, digits and dashes are short and mean one thing everywhere")
}

/// Where a team's ops and requests to join lie.
pub(super) fn log(team: &TeamId) -> Prefix {
    Prefix::new(&format!("{}/log", root(team))).expect("as any name of ours")
}

/// What the names of a day and all later ones come after.
pub(super) fn before_day(team: &TeamId, day: u32) -> String {
    format!("{}/log/{}", root(team), day_text(day))
}

/// Where a team's packs lie.
pub(super) fn blobs(team: &TeamId) -> Prefix {
    Prefix::new(&format!("{}/blob", root(team))).expect("as any name of ours")
}

/// A pack.
pub(super) fn blob(team: &TeamId, id: &BlobId) -> ObjectName {
    let hash = id.to_string();
    name(format!("{}/blob/{}/{hash}", root(team), &hash[..2]))
}

/// Where a team's covers lie.
pub(super) fn covers(team: &TeamId) -> Prefix {
    Prefix::new(&format!("{}/cover", root(team))).expect("as any name of ours")
}

/// Places in a member's own order of a team's ops, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    pub first: u64,
    pub last: u64,
}

impl Span {
    /// How many places it has.
    pub fn count(&self) -> u64 {
        self.last - self.first + 1
    }
}

/// A cover that a device publishes.
pub(super) fn cover(team: &TeamId, span: Span, device: &DeviceId, bytes: &[u8]) -> ObjectName {
    let Span { first, last } = span;
    let (root, hash) = (root(team), hash_of(bytes));
    name(format!("{root}/cover/{first}-{last}-{device}-{hash}.seg"))
}

/// What the name of a cover says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NamedCover {
    pub span: Span,
    pub hash: String,
}

/// Reads the name of a cover; none where there can be no such.
pub(super) fn read_cover(team: &TeamId, name: &str) -> Option<NamedCover> {
    let rest = name.strip_prefix(&root(team))?.strip_prefix("/cover/")?;
    let parts: Vec<&str> = rest.strip_suffix(".seg")?.split('-').collect();
    let [first, last, device, hash] = parts.as_slice() else {
        return None;
    };
    let run = Run {
        device: DeviceId::from_bytes(bytes(device)?),
        first: number(first)?,
        last: number(last)?,
    };
    let span = Span {
        first: run.first,
        last: run.last,
    };
    let hash = hash32(hash)?;
    run.is_possible().then_some(NamedCover { span, hash })
}

/// A request to join.
pub(super) fn request(team: &TeamId, day: u32, invitation: &str, bytes: &[u8]) -> ObjectName {
    let hash = hash_of(bytes);
    let day = day_text(day);
    name(format!("{}/log/{day}/join-{invitation}-{hash}", root(team)))
}

/// Where the recovery notes of a team lie; of all teams when none is named.
pub(super) fn notes(team: Option<&TeamId>) -> Prefix {
    let folder = match team {
        Some(team) => format!("{}/note", root(team)),
        None => "sealfold/1".to_owned(),
    };
    Prefix::new(&folder).expect("as any name of ours")
}

/// A recovery note. Nothing in its name says whose it is.
pub(super) fn note(team: &TeamId, bytes: &[u8]) -> ObjectName {
    name(format!("{}/note/{}", root(team), hash_of(bytes)))
}

/// The team of a recovery note, and the hash of its bytes; none for any other name.
pub(super) fn read_note(name: &str) -> Option<(TeamId, String)> {
    let (team, hash) = name.strip_prefix("sealfold/1/")?.split_once("/note/")?;
    Some((TeamId::from_bytes(bytes(team)?), hash32(hash)?))
}

/// Hash of an object's bytes, as its name has it.
pub(super) fn hash_of(bytes: &[u8]) -> String {
    hex::encode(crypto::hash(crypto::Purpose::BlobHash, bytes))
}

/// A run of ops of one device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Run {
    pub device: DeviceId,
    pub first: u64,
    pub last: u64,
}

impl Run {
    /// Whether there can be such a run: a seq is at most 2^63 - 1, and a segment has its limit.
    fn is_possible(&self) -> bool {
        let most = i64::MAX.cast_unsigned();
        let count = self.last.checked_sub(self.first);
        self.last <= most && count.is_some_and(|more| more < team::segment::OPS as u64)
    }

    /// How many ops it has.
    pub fn count(&self) -> u64 {
        self.last - self.first + 1
    }

    /// The name of the segment that holds it.
    pub fn name(&self, team: &TeamId, day: u32, bytes: &[u8]) -> ObjectName {
        let Self {
            device,
            first,
            last,
        } = self;
        let (day, hash) = (day_text(day), hash_of(bytes));
        let root = root(team);
        name(format!(
            "{root}/log/{day}/{device}-{first}-{last}-{hash}.seg"
        ))
    }
}

/// What the name of an object in a team's log says that it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named {
    /// Ops of one device.
    Segment { run: Run, hash: String },
    /// A request to join by the invitation with this key.
    Request { invitation: KeyId, hash: String },
    /// Nothing of ours.
    Other,
}

/// Reads the name of an object in the log of a team.
pub(super) fn read(team: &TeamId, name: &str) -> Named {
    parse(team, name).unwrap_or(Named::Other)
}

fn parse(team: &TeamId, name: &str) -> Option<Named> {
    let rest = name.strip_prefix(&root(team))?.strip_prefix("/log/")?;
    let (day, file) = rest.split_once('/')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = day.split('-').collect();
    let [year, month, date] = parts.as_slice() else {
        return None;
    };
    if (year.len(), month.len(), date.len()) != (4, 2, 2) || !digits(&parts.concat()) {
        return None;
    }
    if let Some(request) = file.strip_prefix("join-") {
        let (invitation, hash) = request.split_once('-')?;
        return Some(Named::Request {
            invitation: KeyId::from_bytes(bytes(invitation)?),
            hash: hash32(hash)?,
        });
    }
    let parts: Vec<&str> = file.strip_suffix(".seg")?.split('-').collect();
    let [device, first, last, hash] = parts.as_slice() else {
        return None;
    };
    let run = Run {
        device: DeviceId::from_bytes(bytes(device)?),
        first: number(first)?,
        last: number(last)?,
    };
    let hash = hash32(hash)?;
    run.is_possible().then_some(Named::Segment { run, hash })
}

/// A number in its one spelling.
fn number(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

/// Lower-case hex of exactly so many bytes.
fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    (hex::encode(bytes) == text).then_some(bytes)
}

fn hash32(text: &str) -> Option<String> {
    bytes::<32>(text).map(hex::encode)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn team() -> TeamId {
        TeamId::from_bytes([7; 32])
    }

    #[test]
    fn what_is_made_is_read_again() {
        let run = Run {
            device: DeviceId::from_bytes([1; 32]),
            first: 3,
            last: 20,
        };
        let segment = run.name(&team(), 20_484, b"ops");
        assert!(segment.as_str().contains("/log/2026-01-31/"), "{segment}");
        let hash = hash_of(b"ops");
        assert_eq!(
            read(&team(), segment.as_str()),
            Named::Segment { run, hash }
        );
        assert!(before_day(&team(), 20_484).as_str() < segment.as_str());
        assert!(before_day(&team(), 20_485).as_str() > segment.as_str());

        let invitation = KeyId::from_bytes([5; 16]);
        let request = request(&team(), 0, &invitation.to_string(), b"me");
        let hash = hash_of(b"me");
        assert_eq!(
            read(&team(), request.as_str()),
            Named::Request { invitation, hash }
        );
    }

    #[test]
    fn a_note_is_found_by_its_team_alone() {
        let note = note(&team(), b"note");
        assert!(notes(None).holds(&note) && notes(Some(&team())).holds(&note));
        let read = read_note(note.as_str());
        assert_eq!(read, Some((team(), hash_of(b"note"))));
        for bad in [
            note.to_string().replace("/note/", "/log/"),
            note.to_string().replace("0707", "07G7"),
            format!("{note}0"),
        ] {
            assert_eq!(read_note(&bad), None, "{bad}");
        }
    }

    // threat 13
    #[test]
    fn a_cover_is_read_as_it_was_made_and_no_other() {
        let span = Span { first: 0, last: 99 };
        let device = DeviceId::from_bytes([1; 32]);
        let cover = cover(&team(), span, &device, b"ops").to_string();
        let hash = hash_of(b"ops");
        assert_eq!(read_cover(&team(), &cover), Some(NamedCover { span, hash }));
        assert_eq!(read(&team(), &cover), Named::Other);
        for bad in [
            cover.replace("/0-99-", "/99-0-"),
            cover.replace("/0-99-", "/0-099-"),
            cover.replace("/0-99-", "/0-10000-"),
            cover.replace("/cover/", "/log/"),
            format!("{cover}x"),
        ] {
            assert_eq!(read_cover(&team(), &bad), None, "{bad}");
        }
    }

    // threat 13
    #[test]
    fn anything_else_is_nothing_of_ours() {
        let run = Run {
            device: DeviceId::from_bytes([1; 32]),
            first: 3,
            last: 20,
        };
        let good = run.name(&team(), 20_484, b"ops").to_string();
        let bad = [
            good.replace("-3-20-", "-20-3-"),
            good.replace("-3-20-", "-03-20-"),
            good.replace("-3-20-", "-+3-20-"),
            good.replace("-3-20-", "-0-18446744073709551615-"),
            good.replace("-3-20-", "-18446744073709551615-18446744073709551615-"),
            good.replace("-3-20-", "-0-10000-"),
            good.replace("2026-01-31", "2026-1-31"),
            good.replace(".seg", ".SEG"),
            good.replace("0707", "0708"),
            good.replace("/log/", "/blob/"),
            format!("{good}x"),
        ];
        for name in bad {
            assert_eq!(read(&team(), &name), Named::Other, "{name}");
        }
    }

    proptest! {
        // threat 13
        #[test]
        fn a_name_is_read_in_one_spelling(
            at in 0_usize..250,
            with in any::<char>(),
            first in 0_u64..30,
            more in 9_990_u64..10_010,
        ) {
            let device = DeviceId::from_bytes([1; 32]);
            let run = Run { device, first, last: first + more };
            let good = run.name(&team(), 20_484, b"ops").to_string();
            let changed = good.chars().enumerate();
            let changed = changed.map(|(place, old)| if place == at { with } else { old });
            for text in [good.clone(), changed.collect()] {
                match read(&team(), &text) {
                    Named::Segment { run, hash } => {
                        let Run { device, first, last } = run;
                        let file = format!("/{device}-{first}-{last}-{hash}.seg");
                        prop_assert!(text.ends_with(&file) && last - first < 10_000, "{text}");
                    }
                    Named::Request { .. } => prop_assert!(false, "{text}"),
                    Named::Other => prop_assert!(text != good || more >= 10_000, "{text}"),
                }
            }
        }
    }
}
