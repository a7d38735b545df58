//! Which bundle is meant.

use formats::confusable::read_alike;
use team::ids::{BundleId, TeamId};
use team::ledger::Bundle;

use crate::chosen::{self, is_id};
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

/// What stands between a bundle's name and the beginning of its id, where several bear the name.
const AT: char = '@';

/// A bundle by its name, archived or not; `PROJECT/ENV@ID` where several bear the name. Any writer can make a
/// bundle of any name and share it with anybody (threat 18), so nothing is chosen of several that are
/// shared with this member: that is a question back. One that is shared comes before those that
/// are not.
pub(crate) fn find_any(teams: &Teams, name: &BundleName) -> Result<BundleAt, Fault> {
    match meant(teams, name)?.as_slice() {
        [only] => Ok(*only),
        [] => Err(Fault::new(Code::NotFound, "There is no such bundle.")
            .about(name.to_string())
            .next("`sealfold bundle ls` shows them; `sealfold bundle new` or `sealfold import -b` makes one.")),
        several => {
            let several: Vec<String> = several.iter().map(|at| said(teams, at)).collect();
            Err(Fault::new(Code::Usage, "Several bundles have this name, or one that reads like it: say which.")
                .about(name.to_string())
                .next(format!("Write one of: {}.", several.join(", "))))
        }
    }
}

/// All that a name could mean: those that are called so, and those shared with this member whose names
/// read alike.
fn meant(teams: &Teams, name: &BundleName) -> Result<Vec<BundleAt>, Fault> {
    let asked: Vec<&Team> = match &name.team {
        Some(team) => vec![teams.named(team)?],
        None => {
            teams.all_readable()?;
            teams.iter().collect()
        }
    };
    let (mut shared, mut others, mut alike) = (Vec::new(), Vec::new(), Vec::new());
    for team in asked {
        for (id, bundle) in team.ledger.state().bundles() {
            if is_called(bundle, id, name) {
                let at = BundleAt {
                    team: team.id,
                    id: *id,
                };
                match team.has(bundle) {
                    true => shared.push(at),
                    false => others.push(at),
                }
            } else if reads_like(bundle, name) && !bundle.archived && team.has(bundle) {
                alike.push(BundleAt {
                    team: team.id,
                    id: *id,
                });
            }
        }
    }
    if shared.is_empty() {
        return Ok(others);
    }
    shared.extend(alike);
    Ok(shared)
}

/// Whether a bundle has another name that a person can't tell from this one (threat 38).
pub(super) fn reads_like(bundle: &Bundle, name: &BundleName) -> bool {
    let theirs = names::join(&bundle.project, &bundle.environment);
    read_alike(&theirs, &names::join(&name.project, &name.environment))
}

/// Whether a bundle is called so: by its name alone, or with the beginning of its id.
fn is_called(bundle: &Bundle, id: &BundleId, name: &BundleName) -> bool {
    if bundle.project != name.project {
        return false;
    }
    let (environment, digits) = match name.environment.rsplit_once(AT) {
        Some((environment, digits)) if is_id(digits) => (environment, digits.to_lowercase()),
        _ => (name.environment.as_str(), String::new()),
    };
    bundle.environment == name.environment
        || bundle.environment == environment && id.to_string().starts_with(&digits)
}

/// Refuses a name that reads as another bundle's name with its id.
pub(super) fn check_no_id_in(name: &BundleName) -> Result<(), Fault> {
    match name.environment.rsplit_once(AT) {
        Some((_, digits)) if is_id(digits) => Err(Fault::new(
            Code::Usage,
            "A name can't end as if an id followed it, in `@` and digits and a to f only.",
        )
        .about(name.to_string())),
        _ => Ok(()),
    }
}

/// A bundle by a name that finds it, and who made it.
fn said(teams: &Teams, at: &BundleAt) -> String {
    let team = &teams[&at.team];
    let creator = team.bundle(&at.id).map(|bundle| bundle.creator);
    let creator = creator.map(|creator| team.member_name(&creator));
    format!(
        "{} (made by {})",
        full_name(teams, at),
        creator.unwrap_or_default()
    )
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
        (Some(only), None) if is_own(teams, &only) => Ok(only),
        // Anybody can share a bundle of theirs unasked: nothing is put there, or taken from there,
        // unless it is named (threat 18).
        (Some(only), None) => Err(Fault::new(
            Code::Usage,
            "The only bundle was made by another: say that you mean it.",
        )
        .next(format!("Add `-b`: {}.", said(teams, &only)))),
        (None, _) => Err(Fault::new(Code::NotFound, "There is no bundle yet.").next(
            "`sealfold import FILE -b PROJECT/ENV` or `sealfold bundle new PROJECT/ENV` makes one.",
        )),
        _ => Err(
            Fault::new(Code::Usage, "There are several bundles: say which one.")
                .next("Add `-b PROJECT/ENV`; `sealfold bundle ls` shows them."),
        ),
    }
}

fn is_own(teams: &Teams, at: &BundleAt) -> bool {
    let team = &teams[&at.team];
    let bundle = team.bundle(&at.id);
    bundle.is_some_and(|bundle| bundle.creator == team.member)
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

/// `project/environment` of a bundle, with its team before it or its id behind it where that alone
/// would not find it.
pub(crate) fn full_name(teams: &Teams, at: &BundleAt) -> String {
    let team = &teams[&at.team];
    let Some(bundle) = team.bundle(&at.id) else {
        return String::new();
    };
    let short = BundleName {
        team: None,
        project: bundle.project.clone(),
        environment: bundle.environment.clone(),
    };
    let of_team = BundleName {
        team: Some(teams.label(team)),
        ..short.clone()
    };
    let finds = |name: &&BundleName| {
        let all = meant(teams, name).unwrap_or_default();
        all.as_slice() == [*at]
    };
    if let Some(name) = [&short, &of_team].into_iter().find(finds) {
        return name.to_string();
    }
    let all = team.ledger.state().bundles().keys();
    let all: Vec<String> = all.map(BundleId::to_string).collect();
    let id = at.id.to_string();
    let digits = chosen::short(&id, all.iter().map(String::as_str));
    BundleName {
        environment: format!("{}{AT}{digits}", bundle.environment),
        ..of_team
    }
    .to_string()
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
