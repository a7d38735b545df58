//! A bundle given to a thousand members, and taken from one of them with a thousand entries in it.
//! Ops are written and taken in as everybody's are; the vault is left out on both sides.

use std::time::Instant;

use crypto::{ExchangePublic, Purpose, RecoveryKey, SecretBytes, SecretVec};
use team::chains::Archive;
use team::entry::{self, Content, EntryKind, Metadata, Place};
use team::ids::{BundleId, DeviceId, EntryId, MemberId, OpId, VersionId};
use team::join::{Request, ask_to_join};
use team::keyring::Keyring;
use team::ledger::{
    Approval, Arrival, Authored, Draft, Founding, Ledger, Receipt, Standing, found_team,
};
use team::op::GivenRole;

use crate::measure::{Report, in_turn, show};

const MEMBERS: usize = 1_000;
const ENTRIES: usize = 1_000;
const TIME: u64 = 1_800_000_000;

/// No chain here forks, so nothing is asked for by place.
struct Nothing;

impl Archive for Nothing {
    fn ids_at(&self, _: &DeviceId, _: u64) -> Vec<OpId> {
        Vec::new()
    }
}

/// The founder, and a ledger that goes on with each op.
struct Team {
    ledger: Ledger,
    keys: Keyring,
}

impl Team {
    fn found() -> Self {
        let recovery = RecoveryKey::make();
        let founding = found_team(&recovery, "acme", "Ada", "laptop", TIME).unwrap();
        let Founding {
            ledger,
            keyring: keys,
            genesis,
        } = founding;
        let mut team = Self { ledger, keys };
        team.take_in(&genesis);
        team
    }

    fn take_in(&mut self, op: &Authored) {
        receive(&mut self.ledger, &mut self.keys, op);
    }

    /// Somebody joins by an invitation.
    fn invites(&mut self) -> MemberId {
        let invite = self
            .ledger
            .invite(&self.keys, GivenRole::Writer, TIME + 1, TIME);
        let invite = invite.unwrap();
        self.take_in(&invite);
        let invitation = self.ledger.invitation(&self.keys, &invite.id, "").unwrap();
        let joining = ask_to_join(&invitation, &RecoveryKey::make(), "Ben", "laptop").unwrap();
        let secrets = self
            .ledger
            .invitation_secrets(&self.keys, &invite.id)
            .unwrap();
        let ids = (self.ledger.team(), self.ledger.genesis());
        let request = Request::open(&joining.request, ids, &secrets).unwrap();
        let approval = Approval {
            invitation: invite.id,
            request: &request,
            requests: 1,
            compared: true,
        };
        let approved = self.ledger.approve(&self.keys, approval, TIME).unwrap();
        self.take_in(&approved);
        joining.keyring.member()
    }

    fn make_bundle(&mut self) -> BundleId {
        let bundle = BundleId::make();
        let create = self
            .ledger
            .create_bundle(&self.keys, bundle, ("api", "prod"), TIME);
        self.take_in(&create.unwrap());
        bundle
    }
}

fn receive(ledger: &mut Ledger, keys: &mut Keyring, op: &Authored) {
    let arrival = Arrival {
        op: &op.op,
        pack: op.pack.as_deref(),
    };
    match ledger.receive(arrival, keys, &Nothing).remove(0) {
        Receipt::Applied(_, effects) => assert_eq!(effects.standing, Some(Standing::Valid)),
        other => panic!("{other:?}"),
    }
}

fn content(nth: usize) -> Content {
    let value = format!("value-{nth}-0123456789abcdef0123456789abcdef");
    Content {
        name: format!("VARIABLE_{nth}"),
        kind: EntryKind::Variable,
        fields: [("value".to_owned(), SecretVec::new(value.into_bytes()))].into(),
        note: String::new(),
        tags: Vec::new(),
        metadata: Metadata::default(),
        written: TIME,
    }
}

/// The context of a wrap is about this long.
const CONTEXT: [u8; 250] = [0; 250];

fn wrap_bare(to: &[ExchangePublic]) {
    let key = SecretBytes::<32>::make();
    for public in to {
        crypto::wrap(public, &CONTEXT, &key).unwrap();
    }
}

pub fn granted_and_taken(report: &mut Report) {
    let start = Instant::now();
    let mut team = Team::found();
    let members: Vec<MemberId> = (1..=MEMBERS).map(|_| team.invites()).collect();
    println!("  {MEMBERS} members joined in {}", show(start.elapsed()));
    let publics: Vec<ExchangePublic> = (0..MEMBERS)
        .map(|_| crypto::ExchangeSecret::make().public())
        .collect();
    let bundle = team.make_bundle();
    let device = DeviceId::of(&team.keys.device().public());

    let versions: Vec<(EntryId, VersionId)> = (0..ENTRIES)
        .map(|_| (EntryId::make(), VersionId::make()))
        .collect();
    let contents: Vec<Content> = (0..ENTRIES).map(content).collect();
    let draft = |((entry, version), content)| Draft {
        entry,
        version,
        predecessors: Vec::new(),
        content,
    };
    let drafts: Vec<Draft<'_>> = versions.iter().copied().zip(&contents).map(draft).collect();
    let put = team.ledger.put(&team.keys, bundle, &drafts, TIME).unwrap();
    team.take_in(&put);

    // Each round works on a copy of the team.
    let mut copies: Vec<Ledger> = (0..8).map(|_| team.ledger.clone()).collect();
    let (ours, bare) = in_turn(
        7,
        || {
            let mut ledger = copies.pop().expect("one a round");
            let grant = ledger.grant_to(&team.keys, bundle, &members, false, TIME);
            receive(&mut ledger, &mut team.keys, &grant.unwrap());
        },
        || wrap_bare(&publics),
    );
    report.ratio(
        "granting to 1,000, against 1,000 bare wraps",
        ours,
        bare,
        1.3,
    );

    let grant = team
        .ledger
        .grant_to(&team.keys, bundle, &members, false, TIME);
    team.take_in(&grant.unwrap());
    let epoch = team.ledger.current_epoch(&bundle).unwrap();
    let key = team.keys.bundle_key(&epoch).unwrap();
    let place = |(entry, version): (EntryId, VersionId)| Place {
        team: team.ledger.team(),
        bundle,
        epoch,
        entry,
        version,
        sealed_by: device,
    };
    let sealed: Vec<Vec<u8>> = versions
        .iter()
        .zip(&contents)
        .map(|(version, content)| entry::seal(key, &place(*version), device, content))
        .collect();
    let places: Vec<Place> = versions.iter().map(|version| place(*version)).collect();
    let own = SecretBytes::new(*key.expose());
    let texts: Vec<Vec<u8>> = (0..ENTRIES).map(|_| vec![7; 160]).collect();
    let bare_sealed: Vec<Vec<u8>> = texts
        .iter()
        .map(|text| crypto::seal(&own, Purpose::EntryVersion, &[0; 170], text))
        .collect();
    let mut copies: Vec<Ledger> = (0..8).map(|_| team.ledger.clone()).collect();
    let (ours, bare) = in_turn(
        7,
        || {
            let mut ledger = copies.pop().expect("one a round");
            let ungrant = ledger
                .ungrant(&team.keys, bundle, members[0], TIME)
                .unwrap();
            receive(&mut ledger, &mut team.keys, &ungrant);
            let live: Vec<_> = places
                .iter()
                .zip(&sealed)
                .map(|(place, sealed)| {
                    let opened = entry::open(&own, place, sealed).unwrap();
                    (place.entry, place.version, opened)
                })
                .collect();
            let started = ledger.start_epoch(&team.keys, bundle, &live, TIME).unwrap();
            receive(&mut ledger, &mut team.keys, &started);
        },
        || {
            wrap_bare(&publics[1..]);
            for (sealed, text) in bare_sealed.iter().zip(&texts) {
                crypto::open(&own, Purpose::EntryVersion, &[0; 170], sealed).unwrap();
                drop(crypto::seal(&own, Purpose::EntryVersion, &[0; 170], text));
            }
        },
    );
    report.ratio(
        "unsharing 1,000 entries from one of 1,000, against wraps, opens and seals",
        ours,
        bare,
        1.3,
    );
}
