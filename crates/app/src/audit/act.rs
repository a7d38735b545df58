//! The audit is listed, checked, and added to.

use super::{AuditView, List, Record, Verdict, Verify};
use crate::open::AnchorState;
use crate::records::AuditEntry;
use crate::requests::UseCase;
use crate::session::Session;
use crate::{Code, Fault, counted};

/// Rows read at a time.
const PAGE: u32 = 500;
/// Rows listed when nothing else is asked.
const LIMIT: u64 = 100;

impl UseCase for List {
    async fn carry_out(self, session: &mut Session) -> Result<Vec<AuditView>, Fault> {
        let (open, _) = session.opened()?;
        let limit = self.limit.unwrap_or(LIMIT);
        let mut views = Vec::new();
        let mut before = None;
        while (views.len() as u64) < limit {
            let page = open.vault.audit_page(before, PAGE).await?;
            let Some(last) = page.last() else { break };
            before = Some(last.index);
            for row in &page {
                let entry = AuditEntry::decode(&row.payload)?;
                if self.wants(&entry) && (views.len() as u64) < limit {
                    views.push(view(row.index, entry));
                }
            }
        }
        Ok(views)
    }
}

impl List {
    fn wants(&self, entry: &AuditEntry) -> bool {
        let same = |wish: &Option<String>, there: Option<&String>| {
            wish.is_none() || wish.as_ref() == there
        };
        self.since.is_none_or(|since| entry.at >= since)
            && self.until.is_none_or(|until| entry.at < until)
            && same(&self.operation, Some(&entry.operation))
            && same(&self.bundle, entry.bundle.as_ref())
            && self
                .name
                .as_ref()
                .is_none_or(|name| entry.names.contains(name))
            && (!self.failed || entry.failure.is_some())
    }
}

fn view(index: u64, entry: AuditEntry) -> AuditView {
    AuditView {
        index: index + 1,
        at: entry.at,
        host: entry.host,
        user: entry.user,
        process: entry.process,
        device: entry.device,
        operation: entry.operation,
        bundle: entry.bundle,
        names: entry.names,
        count: entry.count,
        detail: entry.detail,
        failure: entry.failure,
    }
}

impl UseCase for Verify {
    async fn carry_out(self, session: &mut Session) -> Result<Verdict, Fault> {
        let (open, _) = session.opened()?;
        let broken = |what: String| {
            Fault::new(Code::Integrity, what)
                .next("Keep the file as evidence, and restore a backup with `sealfold backup restore FILE`.")
        };
        let verdict = open.vault.audit_verify().await?;
        if let Some(row) = verdict.first_bad {
            return Err(broken(format!(
                "The audit chain is broken at row {}.",
                row + 1
            )));
        }
        if !verdict.head_matches {
            let rows = counted(verdict.rows, "row does", "rows do");
            return Err(broken(format!(
                "The audit's end was cut: {rows} not lead to its head."
            )));
        }
        // A row whose content was changed has another hash; one whose column was, another root.
        open.vault.verify_full().await?;
        let anchor = match open.anchor {
            AnchorState::Absent => "absent",
            AnchorState::Unreadable => "unreadable",
            AnchorState::RolledBack => {
                return Err(broken(
                    "ROLLBACK: the audit is older than the anchor in the keychain.".to_owned(),
                ));
            }
            AnchorState::Same | AnchorState::New => "same",
        };
        let head = open.vault.anchor().await?.audit_head;
        Ok(Verdict {
            rows: verdict.rows,
            head: hex::encode(head),
            anchor: anchor.to_owned(),
        })
    }
}

impl UseCase for Record {
    async fn carry_out(self, session: &mut Session) -> Result<(), Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let entry = AuditEntry {
            operation: self.operation,
            bundle: self.bundle,
            detail: self.detail,
            failure: self.failure,
            ..AuditEntry::default()
        };
        open.record(&caller, entry).await
    }
}
