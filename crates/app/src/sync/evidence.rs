//! What bears findings out, for somebody else to look at: the signed ops, and what was seen here. It
//! holds no secret: the ops are as they lie on the remote, sealed. Their signatures make it check
//! itself, without a vault.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use team::SignedOp;
use team::ids::{OpId, TeamId};
use ts_rs::TS;

use super::findings::{self, KeptFinding};
use super::{FindingKind, FindingView};
use crate::clock::now;
use crate::open::Open;
use crate::records::AuditEntry;
use crate::requests::UseCase;
use crate::session::Session;
use crate::{Code, Fault};

/// How a file of evidence begins.
const FORMAT: &str = "sealfold-evidence-1";

/// Writes down what bears the findings out.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct ExportEvidence {
    /// Which team; the only one with findings when absent.
    pub team: Option<String>,
}

/// A file of evidence. It names ids, and no person, secret or place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct EvidenceFile {
    /// `sealfold-evidence-1`.
    pub format: String,
    /// Team id, hex.
    pub team: String,
    /// Genesis op id, hex.
    pub genesis: String,
    /// Unix seconds at which it was written.
    pub written: u64,
    /// What was found.
    pub findings: Vec<EvidenceFinding>,
    /// The signed ops that the findings name and that are here, hex.
    pub ops: Vec<String>,
}

/// A finding in a file of evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct EvidenceFinding {
    /// What it is.
    pub kind: FindingKind,
    /// What happened, in a sentence that names ids.
    pub sentence: String,
    /// Device id, hex, where it is about one.
    pub device: Option<String>,
    /// Place in that device's chain.
    pub seq: Option<u64>,
    /// Ids of the ops that bear it out, hex.
    pub ops: Vec<String>,
    /// Name of the remote's object that it is about.
    pub object: Option<String>,
    /// Unix seconds at which it was first seen by who wrote this.
    pub since: u64,
}

/// Looks whether a file of evidence holds. No vault is asked.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct CheckEvidence {
    /// The file.
    pub file: EvidenceFile,
}

/// What a file of evidence comes to: every op in it is signed by its device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct EvidenceView {
    /// Team id, hex.
    pub team: String,
    /// How many signed ops it holds.
    pub ops: u64,
    /// Its findings, each with what it rests on.
    pub findings: Vec<CheckedFinding>,
}

/// A finding of a file of evidence, and what it rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct CheckedFinding {
    /// The finding.
    #[serde(flatten)]
    pub finding: EvidenceFinding,
    /// What it rests on.
    pub rests_on: Proof,
}

/// What a finding rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// The signatures in the file alone: whoever has it is convinced.
    Signatures,
    /// Signed ops that are in the file, and the word of who wrote it for what a remote showed. A
    /// member of the team can open the ops.
    SignedOps,
    /// The word of who wrote it.
    Word,
}

/// Says that a finding is known: it stays listed, and no command fails because of it any more.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct AcknowledgeFinding {
    /// The beginning of its id.
    pub finding: String,
}

impl UseCase for ExportEvidence {
    async fn carry_out(self, session: &mut Session) -> Result<EvidenceFile, Fault> {
        let (open, _) = session.opened()?;
        let id = match &self.team {
            Some(name) => open.teams.named(name)?.id,
            None => only_with_findings(open).await?,
        };
        let stored = findings::stored(open, &id).await?;
        let mut kept: Vec<KeptFinding> = stored.into_iter().map(|(_, kept)| kept).collect();
        kept.sort();
        if kept.is_empty() {
            return Err(Fault::new(
                Code::NotFound,
                "Nothing is found against this team.",
            ));
        }
        let named: BTreeSet<&String> = kept.iter().flat_map(|kept| &kept.ops).collect();
        let mut ops = BTreeMap::new();
        for row in open.vault.waiting_ops(&id).await? {
            ops.insert(row.op.to_string(), row.raw);
        }
        ops.retain(|op, _| named.contains(op));
        for name in named {
            let mut bytes = [0; 32];
            if hex::decode_to_slice(name, &mut bytes).is_ok()
                && let Some(op) = open.vault.op(&OpId::from_bytes(bytes)).await?
            {
                ops.insert(name.clone(), op.raw);
            }
        }
        Ok(EvidenceFile {
            format: FORMAT.to_owned(),
            team: id.to_string(),
            genesis: open.teams[&id].genesis.to_string(),
            written: now(),
            findings: kept.iter().map(KeptFinding::evidence).collect(),
            ops: ops.into_values().map(hex::encode).collect(),
        })
    }
}

async fn only_with_findings(open: &mut Open) -> Result<TeamId, Fault> {
    let mut with = Vec::new();
    for id in open.teams.ids() {
        if !findings::stored(open, &id).await?.is_empty() {
            with.push(id);
        }
    }
    match with.as_slice() {
        [id] => Ok(*id),
        [] => Err(Fault::new(
            Code::NotFound,
            "Nothing is found against any team.",
        )),
        _ => {
            Err(Fault::new(Code::Usage, "Several teams have findings.")
                .next("Name one with `--team`."))
        }
    }
}

impl UseCase for CheckEvidence {
    async fn carry_out(self, _: &mut Session) -> Result<EvidenceView, Fault> {
        check(self.file)
    }
}

/// Verifies every op, and says what each finding rests on.
fn check(file: EvidenceFile) -> Result<EvidenceView, Fault> {
    if file.format != FORMAT {
        return Err(Fault::new(Code::Usage, "This is no file of evidence."));
    }
    let mut signed = BTreeMap::new();
    for op in &file.ops {
        let op = hex::decode(op)
            .ok()
            .and_then(|op| SignedOp::verify(&op).ok());
        let op = op.filter(|op| op.team().to_string() == file.team);
        let op = op.ok_or_else(|| {
            Fault::new(
                Code::Integrity,
                "An op in the file is not what its device signed.",
            )
            .next("Ask for the file again.")
        })?;
        signed.insert(op.id().to_string(), op);
    }
    let ops = signed.len() as u64;
    let findings = file.findings.into_iter().map(|finding| CheckedFinding {
        rests_on: rests_on(&finding, &signed),
        finding,
    });
    Ok(EvidenceView {
        team: file.team,
        ops,
        findings: findings.collect(),
    })
}

fn rests_on(finding: &EvidenceFinding, signed: &BTreeMap<String, SignedOp>) -> Proof {
    let ops: BTreeSet<&String> = finding.ops.iter().collect();
    let here: Vec<&SignedOp> = ops.into_iter().filter_map(|op| signed.get(op)).collect();
    let at_one_place = |op: &&&SignedOp| {
        let device = op.device().to_string();
        (Some(&device), Some(op.seq())) == (finding.device.as_ref(), finding.seq)
    };
    match finding.kind {
        FindingKind::Equivocation if here.iter().filter(at_one_place).count() > 1 => {
            Proof::Signatures
        }
        _ if here.is_empty() => Proof::Word,
        _ => Proof::SignedOps,
    }
}

impl UseCase for AcknowledgeFinding {
    async fn carry_out(self, session: &mut Session) -> Result<FindingView, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let mut found = Vec::new();
        for id in open.teams.ids() {
            let stored = findings::stored(open, &id).await?.into_iter();
            let meant = stored.filter(|(_, kept)| kept.id().starts_with(&self.finding));
            found.extend(meant.map(|(row, kept)| (id, row, kept)));
        }
        let several = found.len() > 1;
        let (id, row, mut kept) = match found.pop() {
            Some(one) if !several && !self.finding.is_empty() => one,
            Some(_) => {
                return Err(Fault::new(Code::Usage, "Several findings begin like that.")
                    .next("`sealfold findings ls` shows their ids."));
            }
            None => {
                return Err(Fault::new(Code::NotFound, "There is no such finding.")
                    .next("`sealfold findings ls` shows those that are kept."));
            }
        };
        kept.acknowledged = Some(now());
        open.write_unenrolled(async |open, changes| {
            changes.evidence_removed.push((id, row));
            // A device of one's own is known, or revoked: there is nothing else to be resolved.
            if kept.kind != FindingKind::NewDevice {
                changes.evidence.push(kept.record(id));
            }
            let entry = AuditEntry {
                operation: "findings acknowledge".to_owned(),
                team: Some(open.teams.label(&open.teams[&id])),
                detail: Some(kept.sentence.clone()),
                ..AuditEntry::default()
            };
            changes.audit.push(open.stamp(&caller, entry).encode());
            Ok(())
        })
        .await?;
        let team = &open.teams[&id];
        Ok(kept.view(team, &open.teams.label(team)))
    }
}
