//! Histories of membership in a short notation, one a line, driven through the rule core:
//! `name | set-up | ops | state | void ids`.
//!
//! - set-up: `A:o B:a` founds the team with owner A, who then adds the others;
//! - ops, divided by `;`: `id author act [<ids seen]`; its own chain and the set-up are always seen;
//! - author: `B`, `B2` (her second device), `B~` (a fork: does not see her own chain);
//! - act: `X:a` sets a role (`o`wner, `a`dmin, `w`riter, `r`eader), `-X` removes, `!X2` revokes.
//!
//! Beyond the model of the rules: `+X3` adds a device (those from the third on don't come with
//! their member, so an author `X3` names the first op in the line that adds it), and device 0 is
//! the recovery key. The file that includes this one has `team` in scope: the crate, by either name.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

use super::team::past::{Chain, Frontier};
use super::team::rules::{Act, Control, Core, Device, Origin, Role};

/// Ids as the notation has them; those of the set-up have no name and go by their number.
pub type Id = (String, usize);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Nth(pub u8);

impl Device for Nth {
    fn is_recovery_key(&self) -> bool {
        self.0 == 0
    }
}

pub type Op = Control<Id, char, Nth>;
pub type Rules = Core<Id, char, Nth>;

pub struct Line {
    pub text: String,
    /// In causal order; the first is the genesis.
    pub ops: Vec<Op>,
    pub state: BTreeSet<String>,
    pub void: BTreeSet<String>,
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

#[derive(Default)]
struct Writing {
    ops: Vec<Op>,
    chains: u32,
}

impl Writing {
    /// Appends an op on this chain, which has seen this past.
    fn write(
        &mut self,
        name: &str,
        author: (char, Nth),
        chain: Chain,
        past: Frontier,
        act: Act<char, Nth>,
    ) {
        let seen = |op: &&Op| past.includes(op.origin.chain, op.origin.position);
        let lamport = self
            .ops
            .iter()
            .filter(seen)
            .map(|op| op.lamport + 1)
            .max()
            .unwrap_or(0);
        let position = past.position(chain).map_or(0, |last| last + 1);
        let added = Act::AddDevice {
            member: author.0,
            device: author.1,
        };
        let adding = self
            .ops
            .iter()
            .find(|op| op.act == added)
            .map(|op| op.id.clone());
        let device_added_by = (author.1 > Nth(2)).then(|| adding.unwrap_or_default());
        let origin = Origin {
            author: author.0,
            device: author.1,
            device_added_by,
            chain,
            position,
            past,
        };
        self.ops.push(Control {
            id: (name.to_owned(), self.ops.len()),
            origin,
            lamport,
            act,
            once: Vec::new(),
        });
    }

    fn new_chain(&mut self) -> Chain {
        self.chains += 1;
        Chain(self.chains - 1)
    }

    /// Everything that somebody has seen who has seen the newest op.
    fn seen_with_newest(&self) -> Frontier {
        self.ops.last().map_or_else(Frontier::new, seen_with)
    }
}

fn seen_with(op: &Op) -> Frontier {
    let mut past = op.origin.past.clone();
    past.insert(op.origin.chain, op.origin.position);
    past
}

pub fn role(letter: &str) -> Role {
    match letter {
        "o" => Role::Owner,
        "a" => Role::Admin,
        "w" => Role::Writer,
        "r" => Role::Reader,
        other => panic!("no role {other}"),
    }
}

fn letter(role: Role) -> char {
    match role {
        Role::None => '-',
        Role::Reader => 'r',
        Role::Writer => 'w',
        Role::Admin => 'a',
        Role::Owner => 'o',
    }
}

fn person(text: &str) -> (char, Nth) {
    let (member, device) = text.split_at(1);
    (
        member.chars().next().unwrap(),
        Nth(device.parse().unwrap_or(1)),
    )
}

fn act(text: &str) -> Act<char, Nth> {
    if let Some(member) = text.strip_prefix('-') {
        return Act::SetRole {
            member: person(member).0,
            role: Role::None,
        };
    }
    if let Some(device) = text.strip_prefix('!') {
        let (member, device) = person(device);
        return Act::RevokeDevice { member, device };
    }
    if let Some(device) = text.strip_prefix('+') {
        let (member, device) = person(device);
        return Act::AddDevice { member, device };
    }
    let (member, given) = text.split_once(':').unwrap();
    Act::SetRole {
        member: person(member).0,
        role: role(given),
    }
}

pub fn parse(text: &str) -> Line {
    let parts: Vec<&str> = text.split('|').map(str::trim).collect();
    let [_, setup, ops, state, void] = parts[..] else {
        panic!("not a history: {text}")
    };
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();

    let mut writing = Writing::default();
    let (founder, first) = (('A', Nth(1)), writing.new_chain());
    writing.write("", founder, first, Frontier::new(), Act::Genesis);
    for word in setup.split_whitespace().skip(1) {
        writing.write("", founder, first, writing.seen_with_newest(), act(word));
    }
    let base = writing.seen_with_newest();
    let mut last: BTreeMap<(char, Nth), (Chain, Frontier)> = BTreeMap::new();
    for op in ops.split(';').map(str::trim).filter(|op| !op.is_empty()) {
        let (op, seen) = op.split_once('<').unwrap_or((op, ""));
        let [name, author, does] = op.split_whitespace().collect::<Vec<_>>()[..] else {
            panic!("not an op: {op}")
        };
        let forks = author.ends_with('~');
        let author = person(author.trim_end_matches('~'));
        let mut past = base.clone();
        for name in seen.split_whitespace() {
            past.join(&seen_with(
                writing.ops.iter().find(|op| op.id.0 == name).unwrap(),
            ));
        }
        let chain = match last.get(&author) {
            Some((chain, seen)) if !forks => {
                past.join(seen);
                *chain
            }
            _ => writing.new_chain(),
        };
        writing.write(name, author, chain, past, act(does));
        last.insert(author, (chain, writing.seen_with_newest()));
    }
    Line {
        text: text.to_owned(),
        ops: writing.ops,
        state: words(state),
        void: words(void),
    }
}

/// The lines of a file that hold a history.
pub fn parse_all(text: &str) -> impl Iterator<Item = Line> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(parse)
}

pub fn rules(line: &Line) -> Rules {
    Core::new(line.ops[0].id.clone())
}

pub fn state(rules: &Rules) -> BTreeSet<String> {
    rules
        .now()
        .members()
        .map(|(member, role)| format!("{member}:{}", letter(role)))
        .collect()
}

pub fn void(rules: &Rules) -> BTreeSet<String> {
    let void = rules.verdicts().filter(|(_, verdict)| !verdict.is_valid());
    void.map(|((name, _), _)| name.clone()).collect()
}

/// Inserts the ops one by one as they stand and compares.
pub fn check(line: &Line) {
    let mut rules = rules(line);
    for op in &line.ops {
        rules.insert(op.clone()).unwrap();
    }
    assert_eq!(
        (state(&rules), void(&rules)),
        (line.state.clone(), line.void.clone()),
        "{}",
        line.text
    );
}

/// The top of the workspace.
fn workspace() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .unwrap()
        .to_owned()
}

/// A file of ours under `tests/vectors/membership`.
pub fn vectors(name: &str) -> String {
    let path = workspace().join("tests/vectors/membership").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The model of the rules that stands beside the project, where it is there.
pub fn model() -> Option<PathBuf> {
    beside("tools/membership_oracle.py")
}

/// Random histories fresh from that model, with what it makes of them; none where it or python3 is
/// not there.
pub fn fresh(count: u32, seed: u32) -> Option<Vec<Line>> {
    let mut python = Command::new("python3");
    python.arg(model()?);
    python.args(["random", &count.to_string(), &seed.to_string()]);
    let output = python.output().ok()?;
    assert!(
        output.status.success(),
        "the model failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<Line> = parse_all(&text).collect();
    assert_eq!(lines.len(), count as usize, "the model gave all of them");
    Some(lines)
}

/// A file beside the project, where it is there.
pub fn beside(path: &str) -> Option<PathBuf> {
    let path = workspace().join("../shared").join(path);
    path.exists().then_some(path)
}
