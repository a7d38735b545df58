//! The values of a sheet, given out as those of a vault are.

use std::collections::BTreeMap;

use team::ids::BundleId;
use team::jobs::Sheet;

use crate::entries::{EntryRef, Reveal, Revealed, Taken, expiry_warning, take_field};
use crate::names::{self, BundleName, Reference};
use crate::transfer::{
    Chosen, Export, Exported, Offered, Selection, Variables, check_variables, choose, format,
    write_out,
};
use crate::{Code, Fault, Plaintext};

/// The bundles of a sheet.
pub(super) struct Values(BTreeMap<BundleId, Bundle>);

struct Bundle {
    project: String,
    environment: String,
    /// In the order of their names, of which each stands once.
    entries: Vec<Offered>,
}

impl Values {
    pub fn of(sheet: Sheet) -> Self {
        let mut bundles: BTreeMap<BundleId, Bundle> = BTreeMap::new();
        for value in sheet.values {
            let bundle = bundles.entry(value.bundle).or_insert_with(|| Bundle {
                project: value.project,
                environment: value.environment,
                entries: Vec::new(),
            });
            bundle.entries.push(Offered {
                opened: value.opened,
                version: None,
                conflict: false,
            });
        }
        for bundle in bundles.values_mut() {
            // The sort is stable: of one name, what readers choose stays first.
            let name = |entry: &Offered| entry.opened.content.name.clone();
            bundle.entries.sort_by_key(name);
            bundle.entries.dedup_by(|later, first| {
                let same = name(later) == name(first);
                first.conflict |= same;
                same
            });
        }
        Self(bundles)
    }

    /// The bundle that is meant, and its name: the one named, or the only one.
    fn bundle(self, name: Option<&BundleName>) -> Result<(String, Vec<Offered>), Fault> {
        // A token is of one team, so a team in front says nothing more.
        let meant = |bundle: &Bundle| {
            name.is_none_or(|name| {
                (&name.project, &name.environment) == (&bundle.project, &bundle.environment)
            })
        };
        let mut all: Vec<String> = self.0.values().map(Bundle::name).collect();
        all.sort();
        let mut found: Vec<Bundle> = self.0.into_values().filter(meant).collect();
        match (found.pop(), found.is_empty(), name) {
            (Some(only), true, _) => Ok((only.name(), only.entries)),
            // Two of one name, made apart.
            (Some(last), false, Some(_)) => Ok((last.name(), last.entries)),
            (Some(_), false, None) => Err(Fault::new(
                Code::Usage,
                "The token is good for several bundles: say which one.",
            )
            .next(format!("Add `-b`: {}.", all.join(", ")))),
            (None, _, Some(name)) if !all.is_empty() => Err(Fault::new(
                Code::NotFound,
                "The service is given no values of this bundle.",
            )
            .about(name.to_string())
            .next(format!("It is given: {}.", all.join(", ")))),
            (None, ..) => Err(Fault::new(
                Code::NotFound,
                "The service is given no values: it was removed, or its bundles are empty.",
            )
            .next("`sealfold service ls --all` says which, on a device of the team.")),
        }
    }

    fn chosen(self, selection: &Selection) -> Result<Chosen, Fault> {
        let name = selection.bundle.as_deref().map(BundleName::parse);
        let (_, entries) = self.bundle(name.transpose()?.as_ref())?;
        choose(selection, entries)
    }

    pub fn variables(self, selection: &Selection) -> Result<Variables, Fault> {
        let Chosen {
            values, warnings, ..
        } = self.chosen(selection)?;
        check_variables(&values)?;
        Ok(Variables::of(values, warnings))
    }

    pub fn export(self, export: &Export) -> Result<Exported, Fault> {
        if !export.to.is_empty() {
            return Err(Fault::new(
                Code::NotAllowed,
                "A job does not know the team's members: an export for others is made where a vault is.",
            ));
        }
        let format = format(&export.format)?;
        let Chosen {
            values,
            mut warnings,
            ..
        } = self.chosen(&export.selection)?;
        let written = write_out(&values, format, &mut warnings)?;
        Ok(Exported {
            // EXPOSE: the job was given the right to it with its token.
            data: Plaintext::new(written.expose().to_vec()),
            to: Vec::new(),
            names: values.into_iter().map(|(name, _)| name).collect(),
            warnings,
        })
    }

    pub fn reveal(self, reveal: Reveal) -> Result<Revealed, Fault> {
        if reveal.version.is_some() {
            return Err(Fault::new(
                Code::NotAllowed,
                "A service is given current versions only.",
            ));
        }
        let (bundle, name, field) = match reveal.entry {
            EntryRef::Named { bundle, name } => {
                let bundle = bundle.as_deref().map(BundleName::parse).transpose()?;
                (bundle, name, reveal.field)
            }
            EntryRef::Reference(text) => {
                let reference = Reference::parse(&text)?;
                let field = reveal.field.or(reference.field);
                (Some(reference.bundle), reference.name, field)
            }
        };
        let (bundle, entries) = self.bundle(bundle.as_ref())?;
        let mut entries = entries.into_iter();
        let found = entries.find(|entry| entry.opened.content.name == name);
        let Offered {
            mut opened,
            conflict,
            ..
        } = found.ok_or_else(|| {
            Fault::new(Code::NotFound, "There is no such entry.")
                .about(format!("{name} in {bundle}"))
        })?;
        let mut warnings = Vec::new();
        if conflict {
            warnings.push(format!(
                "{name} has several values side by side; the newest is given"
            ));
        }
        warnings.extend(expiry_warning(&opened));
        let taken = take_field(&mut opened, field)?;
        Ok(revealed(bundle, name, taken, warnings))
    }
}

fn revealed(bundle: String, name: String, taken: Taken, warnings: Vec<String>) -> Revealed {
    Revealed {
        // A sheet says no ids and no numbers of versions.
        id: String::new(),
        bundle,
        name,
        field: taken.field,
        version: 0,
        value: taken.value.into(),
        until: taken.until,
        warnings,
    }
}

impl Bundle {
    fn name(&self) -> String {
        names::join(&self.project, &self.environment)
    }
}
