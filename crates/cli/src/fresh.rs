//! `--fresh`: what a read begins with when it has to know what others wrote a moment ago.

use app::bundles::{BundleView, List};
use app::sync::{FindingKind, Sync, TeamSync};
use app::{Code, Door, Fault};
use clap::Args;

use crate::context::Context;

/// The option, for the commands that read values.
#[derive(Args, Clone, Copy, Debug)]
pub struct FreshArg {
    /// Sync first; fail where that does not work
    #[arg(long)]
    fresh: bool,
}

impl FreshArg {
    /// Syncs the team of what is about to be read: of a bundle or of a reference, as a person
    /// writes it; all teams where that does not tell.
    pub fn carry_out(
        self,
        context: &Context,
        door: &mut Door,
        wanted: Option<&str>,
    ) -> Result<(), Fault> {
        // A job reads what is there now.
        if !self.fresh || context.has_token {
            return Ok(());
        }
        let bundles = door.ask(List { archived: true })?;
        let _progress = context.output.progress("Syncing");
        let report = door.ask(Sync {
            team: team_of(&bundles, wanted),
            full: false,
        })?;
        report.teams.into_iter().try_for_each(is_fresh)
    }
}

/// The team of a bundle that is known and meant.
fn team_of(bundles: &[BundleView], wanted: Option<&str>) -> Option<String> {
    let wanted = wanted?;
    let path = wanted.strip_prefix("sealfold://").unwrap_or(wanted);
    let is_meant = |bundle: &&BundleView| {
        let names = [
            bundle.name.clone(),
            format!("{}/{}", bundle.team, bundle.name),
        ];
        names.iter().any(|name| {
            let rest = path.strip_prefix(name.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    };
    let mut meant = bundles.iter().filter(is_meant).map(|bundle| &bundle.team);
    let first = meant.next()?;
    meant.all(|team| team == first).then(|| first.clone())
}

/// A sync that did not come to its end, or to which something was not shown, gives nothing fresh.
fn is_fresh(team: TeamSync) -> Result<(), Fault> {
    if let Some(failure) = team.failure {
        return Err(failure);
    }
    let mut findings = team.findings.into_iter();
    match findings.find(|finding| finding.kind == FindingKind::Withheld) {
        Some(withheld) => Err(Fault::new(Code::Remote, withheld.sentence).next(withheld.next)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundle(team: &str, name: &str) -> BundleView {
        BundleView {
            id: String::new(),
            team: team.to_owned(),
            name: name.to_owned(),
            shared: true,
            members: Vec::new(),
            entries: 0,
            archived: false,
            created: 0,
            epoch: String::new(),
            escape: None,
        }
    }

    #[test]
    fn only_the_team_that_is_read_is_synced() {
        let bundles = [
            bundle("acme", "api/prod"),
            bundle("acme", "acme/web/prod"),
            bundle("home", "home/web/prod"),
        ];
        let team = |wanted| team_of(&bundles, wanted);
        for wanted in [
            "api/prod",
            "acme/api/prod",
            "acme/web/prod",
            "sealfold://api/prod/KEY",
            "sealfold://acme/api/prod/KEY#user",
        ] {
            assert_eq!(team(Some(wanted)).as_deref(), Some("acme"), "{wanted}");
        }
        assert_eq!(team(Some("home/web/prod")).as_deref(), Some("home"));
        // What is not known yet may come from any of them.
        for wanted in [None, Some("api/production"), Some("sealfold://api/KEY")] {
            assert_eq!(team(wanted), None);
        }
    }
}
