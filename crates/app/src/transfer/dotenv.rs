//! What a `.env` says: read in a dialect, with what there is to say about its lines.

use crypto::SecretVec;
use formats::dotenv::{self, Dialect, Document, Reading};

use super::ImportRemark;
use crate::{Code, Fault, Plaintext, names};

/// One variable on its way in.
pub(crate) struct Incoming {
    pub name: String,
    pub value: SecretVec,
}

/// The dialect of this name; the default one when absent.
pub(crate) fn dialect(name: Option<&str>) -> Result<Dialect, Fault> {
    let Some(name) = name else {
        return Ok(Dialect::default());
    };
    Dialect::from_name(name).ok_or_else(|| {
        Fault::new(Code::Usage, "There is no such dialect.")
            .about(name)
            .next("Dialects: node, python, compose.")
    })
}

/// What the file says, the last of each name in the file's order, and what there is to say about it.
/// References stay as they are written, unless they are to be put in place as the dialect's reader does.
pub(crate) fn read(
    data: &Plaintext,
    dialect: Dialect,
    interpolate: bool,
) -> Result<(Vec<Incoming>, Vec<ImportRemark>), Fault> {
    let wrong = |error: &dyn std::fmt::Display| {
        Fault::new(Code::Usage, format!("The file can't be read: {error}."))
            .next("Nothing was changed.")
    };
    // EXPOSE: parsed here; every value becomes a secret of its own.
    let data = data.expose();
    let mut document = dotenv::parse(data, dialect).map_err(|error| wrong(&error))?;
    let mut remarks = document_remarks(&document);
    let disagreements = dotenv::disagreements(data, dialect).map_err(|error| wrong(&error))?;
    remarks.extend(disagreements.iter().map(disagreement_remark));
    if interpolate {
        // Only what the file itself sets: the environment of whoever imports is no part of it.
        document = dotenv::interpolate(&document, |_| None).map_err(|error| wrong(&error))?;
    }
    let mut incoming = Vec::new();
    for assignment in document.into_in_effect() {
        if names::check_name(&assignment.name).is_err() {
            remarks.push(remark(
                assignment.line,
                Some(&assignment.name),
                true,
                "this name can't be an entry's".to_owned(),
            ));
            continue;
        }
        let value = SecretVec::new(assignment.value.into_string().into_bytes());
        incoming.push(Incoming {
            name: assignment.name,
            value,
        });
    }
    remarks.sort_by_key(|remark| remark.line);
    Ok((incoming, remarks))
}

fn remark(line: usize, name: Option<&str>, lost: bool, sentence: String) -> ImportRemark {
    ImportRemark {
        line: line as u64,
        name: name.map(str::to_owned),
        lost,
        sentence,
    }
}

fn document_remarks(document: &Document) -> Vec<ImportRemark> {
    let problems = document.problems.iter().map(|problem| {
        let mut sentence = format!("not kept: {}", problem.kind);
        if problem.stops {
            sentence.push_str("; this dialect's reader refuses the file here");
        }
        remark(problem.line, problem.name.as_deref(), true, sentence)
    });
    let overridden = document.overridden().into_iter().map(|assignment| {
        remark(
            assignment.line,
            Some(&assignment.name),
            false,
            "set again further down; the last one counts".to_owned(),
        )
    });
    problems.chain(overridden).collect()
}

fn disagreement_remark(disagreement: &dotenv::Disagreement) -> ImportRemark {
    let other = |(dialect, reading): &(Dialect, Reading)| match reading {
        Reading::Same => None,
        Reading::Differs if disagreement.is_read => Some(format!("{dialect} reads another value")),
        Reading::Differs => Some(format!("{dialect} reads a value here")),
        Reading::NotAtAll => Some(format!("{dialect} does not read it")),
        Reading::Refuses => Some(format!("{dialect} refuses the file here")),
    };
    let others: Vec<String> = disagreement.others.iter().filter_map(other).collect();
    let sentence = format!("readers disagree: {}", others.join(", "));
    remark(
        disagreement.line,
        disagreement.name.as_deref(),
        false,
        sentence,
    )
}
