//! The one way out of a secret type is `expose()`; each call outside tests says why in a
//! comment `// EXPOSE: …` right above its line, or above the start of its statement.

use super::Finding;
use super::source::{Line, Source};

pub fn check(sources: &[Source]) -> Vec<Finding> {
    // Only the rooms have secrets; this program has the pattern itself.
    let rooms = sources
        .iter()
        .filter(|source| source.path.starts_with("crates/"));
    rooms.flat_map(check_one).collect()
}

fn check_one(source: &Source) -> Vec<Finding> {
    let calls = source.lines.iter().enumerate();
    calls
        .filter(|(at, line)| !line.is_test && exposes(&line.text) && !explained(&source.lines, *at))
        .map(|(at, _)| Finding {
            path: source.path.clone(),
            line: Some(at + 1),
            what: "expose() without `// EXPOSE: why` above it".to_owned(),
        })
        .collect()
}

/// A call, or the method handed on as a function; not its definition, not prose.
fn exposes(line: &str) -> bool {
    let code = line.trim_start();
    if code.starts_with("//") {
        return false;
    }
    [".expose", "::expose"].iter().any(|name| {
        code.match_indices(name).any(|(at, _)| {
            let next = code[at + name.len()..].chars().next();
            !next.is_some_and(|c| c.is_alphanumeric() || c == '_')
        })
    })
}

/// Whether a comment stands above this line or, where rustfmt broke a statement over several
/// lines, above the line that opened the list of arguments or began the chain.
fn explained(lines: &[Line], mut at: usize) -> bool {
    loop {
        if comment_above(lines, at) {
            return true;
        }
        let opener = (0..at).rfind(|&above| indent(&lines[above]) < indent(&lines[at]));
        let Some(opener) = opener else {
            return false;
        };
        let text = lines[opener].text.trim_end();
        let chain = lines[at].text.trim_start().starts_with('.') && !text.ends_with('{');
        if !chain && !text.ends_with(['(', '[', '=']) {
            return false;
        }
        at = opener;
    }
}

/// A comment may run over several lines.
fn comment_above(lines: &[Line], at: usize) -> bool {
    let above = lines[..at].iter().rev().map(|line| line.text.trim_start());
    above
        .take_while(|text| text.starts_with("//"))
        .filter_map(|text| text.strip_prefix("// EXPOSE:"))
        .any(|why| !why.trim().is_empty())
}

/// Blank lines open nothing.
fn indent(line: &Line) -> usize {
    let text = line.text.trim_start();
    if text.is_empty() {
        return usize::MAX;
    }
    line.text.len() - text.len()
}

#[cfg(test)]
mod tests {
    use super::check_one;
    use crate::check::source::parse;

    fn found(text: &str) -> usize {
        check_one(&parse("crates/x/src/lib.rs", text)).len()
    }

    #[test]
    fn a_bare_call_is_found() {
        assert_eq!(found("let a = key.expose();\n"), 1);
        assert_eq!(found("let a = keys.map(SecretText::expose);\n"), 1);
        assert_eq!(
            found("// EXPOSE: why\nlet b = 1;\nlet a = key.expose();\n"),
            1
        );
        assert_eq!(found("// EXPOSE:\nlet a = key.expose();\n"), 1);
    }

    #[test]
    fn an_explained_call_is_not() {
        assert_eq!(found("// EXPOSE: why\nlet a = key.expose();\n"), 0);
        assert_eq!(
            found("// EXPOSE: why,\n// at length\nlet a = key.expose();\n"),
            0
        );
        assert_eq!(
            found("// EXPOSE: why\nlet a = key\n    .one()\n    .expose();\n"),
            0
        );
        assert_eq!(
            found("let a = key\n    // EXPOSE: why\n    .expose();\n"),
            0
        );
    }

    #[test]
    fn an_argument_on_its_own_line_belongs_to_its_statement() {
        assert_eq!(
            found("// EXPOSE: why\na = seal(\n    b,\n\n    key.expose(),\n);\n"),
            0
        );
        assert_eq!(found("a = seal(\n    b,\n    key.expose(),\n);\n"), 1);
        assert_eq!(
            found("// EXPOSE: why\nif let Some(a) = b {\n    key.expose();\n}\n"),
            1
        );
    }

    #[test]
    fn definitions_prose_and_tests_are_not() {
        assert_eq!(
            found("/// Call `key.expose()`.\npub fn expose(&self) {}\n"),
            0
        );
        assert_eq!(found("let a = key.exposed();\n"), 0);
        assert_eq!(
            found("#[cfg(test)]\nmod tests {\n    key.expose();\n}\n"),
            0
        );
    }
}
