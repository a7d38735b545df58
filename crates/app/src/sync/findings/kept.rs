//! A finding as the vault keeps it.

use serde::{Deserialize, Serialize};
use team::ids::{OpId, TeamId};
use team::ledger::Finding;
use vault::Evidence;

use super::super::requests_to_join::KeptRequest;
use super::super::{EvidenceFinding, FindingKind, FindingView};
use crate::clock::now;
use crate::open::Team;
use crate::records::encode;

/// What the table of evidence holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum KeptRecord {
    /// Something is wrong.
    Finding(KeptFinding),
    /// Somebody asks to join.
    Request(KeptRequest),
    /// For whom an invitation was made here.
    Invited {
        /// The op that invites, hex.
        invitation: String,
        name: String,
    },
}

/// A finding as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct KeptFinding {
    pub kind: FindingKind,
    /// Device, hex.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub device: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub seq: Option<u64>,
    /// Ops that bear it out, hex.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub ops: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub object: Option<String>,
    pub sentence: String,
    pub since: u64,
    /// Unix seconds at which a person said that they know.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub acknowledged: Option<u64>,
}

impl KeptFinding {
    /// About an object on the remote.
    pub fn of_object(kind: FindingKind, object: &str, sentence: &str) -> Self {
        Self {
            kind,
            device: None,
            seq: None,
            ops: Vec::new(),
            object: Some(object.to_owned()),
            sentence: sentence.to_owned(),
            since: now(),
            acknowledged: None,
        }
    }

    pub(super) fn of(finding: &Finding) -> Self {
        let (kind, device, seq, ops) = match finding {
            Finding::Rollback { device, seq, known } => {
                (FindingKind::Rollback, device, Some(*seq), vec![*known])
            }
            Finding::Withheld {
                device,
                seq,
                op,
                by,
            } => (FindingKind::Withheld, device, Some(*seq), vec![*op, *by]),
            Finding::Equivocation {
                device, seq, ops, ..
            } => (FindingKind::Equivocation, device, Some(*seq), ops.clone()),
            Finding::Fork {
                device,
                seq,
                cited,
                by,
                known,
            } => {
                let ops = [*cited, *by].into_iter().chain(known.iter().copied());
                (FindingKind::Fork, device, Some(*seq), ops.collect())
            }
            Finding::Unread { device, seq, op } => {
                (FindingKind::Withheld, device, Some(*seq), vec![*op])
            }
            Finding::Stale { device, .. } => (FindingKind::Stale, device, None, Vec::new()),
        };
        Self {
            kind,
            device: Some(device.to_string()),
            seq,
            ops: ops.iter().map(OpId::to_string).collect(),
            object: None,
            sentence: format!("{finding}."),
            since: now(),
            acknowledged: None,
        }
    }

    /// As the vault stores it.
    pub fn record(&self, team: TeamId) -> Evidence {
        Evidence::new(team, encode(&KeptRecord::Finding(self.clone())))
    }

    /// What makes it the same finding as one that was kept before.
    pub(super) fn key(
        &self,
    ) -> (
        FindingKind,
        &Option<String>,
        Option<u64>,
        &[String],
        &Option<String>,
    ) {
        (self.kind, &self.device, self.seq, &self.ops, &self.object)
    }

    /// As faces show it.
    pub fn view(&self, team: &Team, label: &str) -> FindingView {
        let devices = team.ledger.state().devices();
        let device = self.device.as_ref();
        let known = device.and_then(|hex| {
            let mut devices = devices.iter();
            devices.find(|(id, _)| id.to_string() == *hex)
        });
        let own_device = known.is_some_and(|(_, by)| by.member == team.member);
        // Another kind needs its sentence in the window too (`ui/src/i18n/*/sync.ts`).
        let next = match self.kind {
            FindingKind::Rollback => {
                "Nothing was taken in. Ask who keeps the remote; `sealfold remote move` to the same place puts back what it lost."
            }
            FindingKind::Withheld => "Sync again later. If it stays, ask who keeps the remote.",
            FindingKind::Equivocation => {
                "The device was copied, or lies: `sealfold device revoke` it."
            }
            FindingKind::Fork => {
                "Compare `sealfold members` with the others: somebody was shown another history."
            }
            FindingKind::Stale => {
                "Ask whose device it is; `sealfold device revoke` if it is out of use."
            }
            // One's own gives no noise: it was made under a seed that this one was never given.
            FindingKind::Unreadable if own_device => {
                "That machine was recovered apart from this one, by the same words. `sealfold recovery use --remote` once more, on an empty machine, reads what both wrote and takes their place; or set anew on that one what is missing here."
            }
            FindingKind::Unreadable => {
                "Ask whose device it is. If they can't say why, `sealfold device revoke` it: a new key is made then."
            }
            FindingKind::Altered => {
                "What was written first is shown. Ask whose device it is; `sealfold device revoke` it if they can't say why."
            }
            FindingKind::NewDevice => {
                "`sealfold device ls` shows it, and settles this. `sealfold device revoke` it if it is not yours."
            }
            FindingKind::BadObject => "It was left out. Ask who keeps the remote.",
            FindingKind::Stray => "It was not read. See what put it there.",
        };
        FindingView {
            id: self.id(),
            team: label.to_owned(),
            kind: self.kind,
            sentence: self.sentence.clone(),
            next: next.to_owned(),
            device: self.device.clone(),
            device_name: known.map(|(_, device)| device.name.clone()),
            own_device,
            seq: self.seq,
            object: self.object.clone(),
            since: self.since,
            acknowledged: self.acknowledged,
        }
    }

    /// As it goes into a file of evidence.
    pub fn evidence(&self) -> EvidenceFinding {
        let Self {
            kind,
            device,
            seq,
            ops,
            object,
            sentence,
            since,
            ..
        } = self.clone();
        EvidenceFinding {
            kind,
            sentence,
            device,
            seq,
            ops,
            object,
            since,
        }
    }

    /// By what it is named: the same finding has the same.
    pub fn id(&self) -> String {
        let named =
            serde_ipld_dagcbor::to_vec(&self.key()).expect("texts and numbers are DAG-CBOR");
        hex::encode(&crypto::hash(crypto::Purpose::RowDigest, &named)[..4])
    }
}
