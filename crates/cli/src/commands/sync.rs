//! `sync`: takes in what others wrote, and pushes what was written here.

use app::sync::{ProgressView, Sync, SyncReport, TeamSync};
use app::{Code, counted};
use clap::Args;

use crate::args::OneTeamArg;
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{self, Ending, Outcome};
use crate::output::escaped;
use crate::signals;
use crate::tell;

/// Sync the teams with their remotes
///
/// Takes in what others wrote, does what is due, and pushes what was written here. One team's
/// failure does not keep the others from it. Exit code 13 when a remote or a device breaks the
/// rules (ROLLBACK, EQUIVOCATION, FORK), 17 when a remote can't be reached or something is missing
/// (WITHHELD, STALE), 14 for lesser findings.
#[derive(Args)]
#[command(after_help = "Examples:\n  sealfold sync\n  sealfold sync --full --team acme")]
pub struct SyncArgs {
    /// List and verify everything on the remote
    #[arg(long)]
    full: bool,
    #[command(flatten)]
    team: OneTeamArg,
}

impl SyncArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        let mut door = door::open(context, Access::Write)?;
        let report = {
            let watch = door.watch();
            let stops = watch.clone();
            let so_far = move || watch.look().map(so_far).unwrap_or_default();
            let _progress = context.output.progress_with("Syncing", so_far);
            let sync = Sync {
                team: self.team.team,
                full: self.full,
            };
            if stops.is_elsewhere() {
                signals::interruptible(move || stops.stop(), || door.ask(sync))?
            } else {
                door.ask(sync)?
            }
        };
        if context.output.is_json() {
            context.output.json(&report)?;
        } else {
            for team in &report.teams {
                account(context, team);
            }
        }
        Ok(ending(&report))
    }
}

/// What is told to a person who waits.
fn so_far(progress: ProgressView) -> String {
    let mut text = String::new();
    if progress.of > 0 {
        text += &format!(", {} of {} objects", progress.fetched, progress.of);
    }
    for (count, what) in [(progress.received, "received"), (progress.sent, "sent")] {
        if count > 0 {
            text += &format!(", {} {what}", changes(count));
        }
    }
    text
}

/// The worst of all teams: what does not hold, then what failed, then what is missing.
fn ending(report: &SyncReport) -> Ending {
    let found = report.teams.iter().flat_map(|team| &team.findings);
    let found = found.filter(|finding| finding.acknowledged.is_none());
    let findings: Vec<Code> = found.map(|finding| finding.kind.code()).collect();
    let failures = report.teams.iter().filter_map(|team| team.failure.as_ref());
    let failures: Vec<Code> = failures.map(|failure| failure.code).collect();
    if failures
        .iter()
        .chain(&findings)
        .any(|code| *code == Code::Integrity)
    {
        return Ending::Broken;
    }
    match failures.first() {
        Some(code) => Ending::Told(*code),
        None if findings.contains(&Code::Remote) => Ending::Told(Code::Remote),
        None if findings.is_empty() => Ending::Done,
        None => Ending::Findings,
    }
}

fn account(context: &Context, team: &TeamSync) {
    let name = escaped(&team.team);
    match &team.failure {
        Some(failure) => {
            let message = format!("{}: {}", team.team, exit::sentence(failure));
            context.output.warn(&[message]);
            if let Some(next) = &failure.next {
                context.output.note(format!("  next: {}", escaped(next)));
            }
        }
        None => context.output.note(format!("{name}: {}.", done(team))),
    }
    for remark in remarks(team) {
        context.output.note(format!("{name}: {remark}"));
    }
    tell::findings(context, &team.findings);
}

fn done(team: &TeamSync) -> String {
    match (team.received, team.pushed) {
        (0, 0) => "nothing new".to_owned(),
        (received, 0) => format!("{} received", changes(received)),
        (0, pushed) => format!("{} sent", changes(pushed)),
        (received, pushed) => format!("{} received, {pushed} sent", changes(received)),
    }
}

fn changes(count: u64) -> String {
    counted(count, "change", "changes")
}

/// What there is to look at or to do.
fn remarks(team: &TeamSync) -> Vec<String> {
    let mut remarks = Vec::new();
    if team.asked {
        remarks.push(
            "not let in yet; `sealfold team ls` shows the words to read to whoever does it."
                .to_owned(),
        );
    }
    if team.out {
        remarks.push(
            "this member was removed or this device revoked; what it had stays readable here."
                .to_owned(),
        );
    }
    if !team.changed_bundles.is_empty() {
        remarks.push(format!("news in {}.", tell::names(&team.changed_bundles)));
    }
    if team.requests > 0 {
        let asks = counted(team.requests, "request", "requests");
        remarks.push(format!("{asks} to join; see `sealfold requests`."));
    }
    if team.conflicts > 0 {
        let entries = counted(team.conflicts, "entry has", "entries have");
        remarks.push(format!(
            "{entries} several values; see `sealfold conflicts ls`."
        ));
    }
    // Whoever is out is given no more keys: there is nothing to wait for.
    if team.waiting > 0 && !team.out {
        let waiting = changes(team.waiting);
        remarks.push(format!("{waiting} can't be read before others arrive."));
    }
    remarks
}

#[cfg(test)]
mod tests {
    use app::Fault;
    use app::sync::{FindingKind, FindingView};

    use super::*;

    fn team(findings: &[FindingKind], failure: Option<Code>) -> TeamSync {
        let finding = |kind: &FindingKind| FindingView {
            id: String::new(),
            acknowledged: None,
            team: "acme".to_owned(),
            kind: *kind,
            sentence: String::new(),
            next: String::new(),
            device: None,
            device_name: None,
            own_device: false,
            seq: None,
            object: None,
            since: 0,
        };
        TeamSync {
            findings: findings.iter().map(finding).collect(),
            failure: failure.map(|code| Fault::new(code, "It failed.")),
            ..TeamSync::default()
        }
    }

    #[test]
    fn a_long_sync_says_how_far_it_is() {
        let nothing = ProgressView::default();
        assert_eq!(so_far(nothing), "");
        let some = ProgressView {
            fetched: 3,
            of: 7,
            received: 1,
            sent: 0,
        };
        assert_eq!(so_far(some), ", 3 of 7 objects, 1 change received");
    }

    #[test]
    fn the_worst_of_all_teams_decides() {
        use FindingKind::{Rollback, Stale, Stray};
        let cases = [
            (vec![team(&[], None)], Ending::Done),
            (vec![team(&[Stray], None)], Ending::Findings),
            (
                vec![team(&[Stray, Stale], None)],
                Ending::Told(Code::Remote),
            ),
            (
                vec![team(&[Stale], None), team(&[], Some(Code::NotAllowed))],
                Ending::Told(Code::NotAllowed),
            ),
            (
                vec![team(&[], Some(Code::Remote)), team(&[Rollback], None)],
                Ending::Broken,
            ),
        ];
        for (teams, expected) in cases {
            assert_eq!(ending(&SyncReport { teams }), expected);
        }
    }
}
