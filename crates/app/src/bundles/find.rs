//! Which bundle is meant.

use team::ids::BundleId;

use crate::names::{self, BundleName};
use crate::open::{Open, Team};
use crate::{Code, Fault};

/// A bundle by its name, archived or not. Of several with one name, which only devices that did
/// not know of each other can make, the one with the smallest id.
pub(crate) fn find_any(team: &Team, name: &BundleName) -> Result<BundleId, Fault> {
    let bundles = team.ledger.state().bundles().iter();
    let mut named = bundles.filter(|(_, bundle)| {
        bundle.project == name.project && bundle.environment == name.environment
    });
    named.next().map(|(id, _)| *id).ok_or_else(|| {
        Fault::new(Code::NotFound, "There is no such bundle.")
            .about(names::join(&name.project, &name.environment))
            .next("`sealfold bundle ls` shows them; `sealfold bundle new` or `sealfold import -b` makes one.")
    })
}

/// The bundle to work in: the one named, or the only one there is.
pub(crate) fn find_usable(team: &Team, name: Option<&str>) -> Result<BundleId, Fault> {
    if let Some(name) = name {
        let id = find_any(team, &BundleName::parse(name)?)?;
        return match team.bundle(&id) {
            Some(bundle) if bundle.archived => {
                Err(Fault::new(Code::NotAllowed, "The bundle is archived.")
                    .about(name)
                    .next("`sealfold bundle archive --undo` brings it back."))
            }
            _ => Ok(id),
        };
    }
    let bundles = team.ledger.state().bundles().iter();
    let mut usable = bundles
        .filter(|(_, bundle)| !bundle.archived)
        .map(|(id, _)| *id);
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

/// `project/environment` of a bundle.
pub(crate) fn full_name(team: &Team, id: &BundleId) -> String {
    team.bundle(id)
        .map(|bundle| names::join(&bundle.project, &bundle.environment))
        .unwrap_or_default()
}

/// How many entries a bundle has.
pub(super) async fn count_live(open: &mut Open, bundle: &BundleId) -> Result<u64, Fault> {
    Ok(open.vault.count_entries(&open.team.id, bundle).await?)
}

/// How many entries all bundles in use have.
pub(crate) async fn count_entries(open: &mut Open) -> Result<u64, Fault> {
    let bundles = open.team.ledger.state().bundles().iter();
    let usable: Vec<BundleId> = bundles
        .filter(|(_, bundle)| !bundle.archived)
        .map(|(id, _)| *id)
        .collect();
    let mut entries = 0;
    for bundle in &usable {
        entries += count_live(open, bundle).await?;
    }
    Ok(entries)
}
