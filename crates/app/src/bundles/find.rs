//! Which bundle is meant.

use team::ids::{BundleId, TeamId};

use crate::names::{self, BundleName};
use crate::open::{Open, Team, Teams};
use crate::{Code, Fault};

/// A bundle of one of the vault's teams. Whoever makes a bundle chooses its id, so an id is good in
/// its own team only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct BundleAt {
    pub team: TeamId,
    pub id: BundleId,
}

/// A bundle by its name, archived or not. Of several with one name in one team, which only devices
/// that did not know of each other can make, one that is shared with this member, and then the one
/// with the smallest id.
pub(crate) fn find_any(teams: &Teams, name: &BundleName) -> Result<BundleAt, Fault> {
    let of_name = |team: &Team| {
        let bundles = team.ledger.state().bundles().iter();
        let mut named: Vec<_> = bundles
            .filter(|(_, bundle)| {
                bundle.project == name.project && bundle.environment == name.environment
            })
            .map(|(id, bundle)| (!team.has(bundle), *id))
            .collect();
        named.sort_unstable();
        let (locked, id) = *named.first()?;
        Some((locked, BundleAt { team: team.id, id }))
    };
    let asked: Vec<&Team> = match &name.team {
        Some(team) => vec![teams.named(team)?],
        None => {
            teams.all_readable()?;
            teams.iter().collect()
        }
    };
    let found: Vec<_> = asked.into_iter().filter_map(of_name).collect();
    let shared: Vec<_> = found.iter().filter(|(locked, _)| !locked).collect();
    match (shared.as_slice(), found.as_slice()) {
        ([(_, only)], _) | ([], [(_, only)]) => Ok(*only),
        ([], []) => Err(Fault::new(Code::NotFound, "There is no such bundle.")
            .about(name.to_string())
            .next("`sealfold bundle ls` shows them; `sealfold bundle new` or `sealfold import -b` makes one.")),
        (several, _) => {
            let several = several.iter().map(|(_, at)| with_team(teams, at));
            let several: Vec<String> = several.collect();
            Err(Fault::new(Code::Usage, "Several teams have a bundle of this name: say which.")
                .about(name.to_string())
                .next(format!("Add the team: {}.", several.join(", "))))
        }
    }
}

/// The bundle to work in: the one named, or the only one there is.
pub(crate) fn find_usable(teams: &Teams, name: Option<&str>) -> Result<BundleAt, Fault> {
    if let Some(name) = name {
        let at = find_any(teams, &BundleName::parse(name)?)?;
        let team = &teams[&at.team];
        return match team.bundle(&at.id) {
            Some(bundle) if bundle.archived => {
                Err(Fault::new(Code::NotAllowed, "The bundle is archived.")
                    .about(name)
                    .next("`sealfold bundle archive --undo` brings it back."))
            }
            Some(bundle) if !team.has(bundle) => Err(not_shared(name)),
            _ => Ok(at),
        };
    }
    teams.all_readable()?;
    let mut usable = usable(teams).into_iter();
    match (usable.next(), usable.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(Fault::new(Code::NotFound, "There is no bundle yet.").next(
            "`sealfold import FILE -b PROJECT/ENV` or `sealfold bundle new PROJECT/ENV` makes one.",
        )),
        _ => Err(
            Fault::new(Code::Usage, "There are several bundles: say which one.")
                .next("Add `-b PROJECT/ENV`; `sealfold bundle ls` shows them."),
        ),
    }
}

fn not_shared(name: &str) -> Fault {
    Fault::new(Code::NotAllowed, "This bundle is not shared with you.")
        .about(name)
        .next(
            "Ask who made it, or an admin, for `sealfold share`; `sealfold access who` shows them.",
        )
}

/// All bundles that are in use and shared with this member, team by team.
pub(crate) fn usable(teams: &Teams) -> Vec<BundleAt> {
    let of_team = |team: &Team| {
        let bundles = team.ledger.state().bundles().iter();
        let usable = bundles.filter(|(_, bundle)| !bundle.archived && team.has(bundle));
        let at = |(id, _): (&BundleId, _)| BundleAt {
            team: team.id,
            id: *id,
        };
        usable.map(at).collect::<Vec<_>>()
    };
    teams.iter().flat_map(of_team).collect()
}

/// The team that a new bundle of this name goes to: the one named, the only one, else the personal
/// one.
pub(crate) fn team_for_new(teams: &Teams, name: &BundleName) -> Result<TeamId, Fault> {
    if let Some(team) = &name.team {
        return Ok(teams.named(team)?.id);
    }
    teams.all_readable()?;
    let joined: Vec<&Team> = teams.joined().collect();
    match joined.as_slice() {
        [only] => Ok(only.id),
        [first, ..] if first.is_personal() => Ok(first.id),
        _ => Err(Fault::new(
            Code::Usage,
            "There are several teams: say which one gets the bundle.",
        )
        .about(name.to_string())
        .next("Write it TEAM/PROJECT/ENV; `sealfold team ls` shows the teams.")),
    }
}

/// `project/environment` of a bundle, with its team before it where that alone would not find it.
pub(crate) fn full_name(teams: &Teams, at: &BundleAt) -> String {
    let Some(bundle) = teams[&at.team].bundle(&at.id) else {
        return String::new();
    };
    let short = BundleName {
        team: None,
        project: bundle.project.clone(),
        environment: bundle.environment.clone(),
    };
    match find_any(teams, &short) {
        Ok(found) if found == *at => short.to_string(),
        _ => with_team(teams, at),
    }
}

fn with_team(teams: &Teams, at: &BundleAt) -> String {
    let team = &teams[&at.team];
    let bundle = team.bundle(&at.id);
    let name = bundle.map(|bundle| names::join(&bundle.project, &bundle.environment));
    format!(
        "{}/{}",
        names::quote(&teams.label(team)),
        name.unwrap_or_default()
    )
}

/// How many entries a bundle has.
pub(super) async fn count_live(open: &mut Open, at: &BundleAt) -> Result<u64, Fault> {
    Ok(open.vault.count_entries(&at.team, &at.id).await?)
}

/// How many entries all bundles in use have.
pub(crate) async fn count_entries(open: &mut Open) -> Result<u64, Fault> {
    let mut entries = 0;
    for at in usable(&open.teams) {
        entries += count_live(open, &at).await?;
    }
    Ok(entries)
}
