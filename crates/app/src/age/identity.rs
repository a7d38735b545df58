//! What opens age files: a member's own seeds, or an identity file that a person names.

use bech32::Hrp;
use crypto::{ExchangeSecret, SecretText};
use zeroize::Zeroizing;

use crate::open::Team;
use crate::{Code, Fault, Plaintext};

/// The human-readable part of age's own identities.
const SECRET: Hrp = Hrp::parse_unchecked("age-secret-key-");

/// Keys that are tried in turn.
pub(crate) struct Identities(Vec<Box<dyn ::age::Identity>>);

impl Identities {
    /// All generations of the member's seed in these teams: a file may be older than a rotation.
    pub(crate) fn of_member<'a>(teams: impl Iterator<Item = &'a Team>) -> Self {
        let seeds = teams.flat_map(|team| {
            let seeds = team.keyring.seeds();
            seeds.filter_map(|(id, _)| team.keyring.seed(&id))
        });
        Self(seeds.map(|(_, seed)| own(&seed.age())).collect())
    }

    /// What an identity file holds: identities of `age-keygen`, or one SSH key without a
    /// passphrase.
    pub(crate) fn parse(file: &Plaintext) -> Result<Self, Fault> {
        let wrong = || {
            Fault::new(Code::Usage, "This is no identity file that can be used.").next(
                "Give a file of `age-keygen` or an SSH key without a passphrase; for anything else, decrypt with `age -d` first.",
            )
        };
        // EXPOSE: parsed into keys here.
        let text = file.expose_text().ok_or_else(wrong)?;
        if text.trim_start().starts_with("-----BEGIN") {
            return match ::age::ssh::Identity::from_buffer(text.as_bytes(), None) {
                Ok(key @ ::age::ssh::Identity::Unencrypted(_)) => Ok(Self(vec![Box::new(key)])),
                _ => Err(wrong()),
            };
        }
        let lines = text.lines().map(str::trim);
        let keys = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        // threat 62: a plugin's identity is none of these.
        let keys = keys.map(|line| line.parse::<::age::x25519::Identity>());
        let keys: Result<Vec<_>, _> = keys.collect();
        match keys {
            Ok(keys) if !keys.is_empty() => {
                let boxed = |key| Box::new(key) as Box<dyn ::age::Identity>;
                Ok(Self(keys.into_iter().map(boxed).collect()))
            }
            _ => Err(wrong()),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &dyn ::age::Identity> {
        self.0.iter().map(Box::as_ref)
    }
}

fn own(key: &ExchangeSecret) -> Box<dyn ::age::Identity> {
    let text = text_of(key);
    // EXPOSE: strings are all that crosses into the crate.
    let parsed = text.expose().parse::<::age::x25519::Identity>();
    Box::new(parsed.expect("this is how an identity is written"))
}

/// An identity as stock `age` reads it.
pub(super) fn text_of(key: &ExchangeSecret) -> SecretText {
    let mut text = Zeroizing::new(String::with_capacity(128));
    // EXPOSE: into the text of an identity, a secret of the same worth.
    let secret = key.secret().expose();
    bech32::encode_upper_to_fmt::<bech32::Bech32, _>(&mut *text, SECRET, secret)
        .expect("32 bytes fit a Bech32 text");
    SecretText::new(std::mem::take(&mut *text))
}
