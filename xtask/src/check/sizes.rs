//! A file has one job. At 400 lines of code look for the seam; over 600 the first lines must
//! say `// LONG: why`. Tests and blank lines do not count against it as code does: tests are
//! left out, blank lines stay.

use super::Finding;
use super::source::Source;

const WARN: usize = 400;
const FAIL: usize = 600;
/// Where `// LONG: why` must stand.
const FIRST_LINES: usize = 10;

pub fn check(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources {
        let size = source.lines.iter().filter(|line| !line.is_test).count();
        let mut first = source.lines.iter().take(FIRST_LINES);
        let explained = first.any(|line| line.text.starts_with("// LONG: "));
        if size > FAIL && !explained {
            findings.push(Finding {
                path: source.path.clone(),
                line: None,
                what: format!("{size} lines, over {FAIL}, and no `// LONG: why` at its head"),
            });
        } else if size > WARN {
            eprintln!("{}: {size} lines: look for the seam", source.path);
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{FAIL, check};
    use crate::check::source::parse;

    #[test]
    fn a_long_file_needs_a_reason() {
        let long = "fn a() {}\n".repeat(FAIL + 1);
        assert_eq!(check(&[parse("a.rs", &long)]).len(), 1);
        let explained = format!("// LONG: a table\n{long}");
        assert_eq!(check(&[parse("a.rs", &explained)]).len(), 0);
        assert_eq!(check(&[parse("a/tests.rs", &long)]).len(), 0);
    }
}
