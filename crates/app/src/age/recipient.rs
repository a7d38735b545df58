//! Whom an age file is for, as a person writes it.

use std::fmt;

use bech32::Hrp;
use crypto::ExchangePublic;

use crate::{Code, Fault};

/// The human-readable part of age's own recipients.
const AGE: Hrp = Hrp::parse_unchecked("age");

/// One key that a file is encrypted to.
#[derive(Clone)]
pub(crate) enum Recipient {
    /// `age1…`, X25519.
    Age(::age::x25519::Recipient),
    /// `ssh-ed25519 …` or `ssh-rsa …`.
    Ssh(::age::ssh::Recipient),
}

impl Recipient {
    /// A member's own.
    pub(crate) fn of(public: &ExchangePublic) -> Self {
        let text = bech32::encode_lower::<bech32::Bech32>(AGE, public.as_bytes())
            .expect("32 bytes fit a Bech32 text");
        Self::Age(text.parse().expect("this is how a recipient is written"))
    }

    /// The key that a text is, or nothing if it is written like none: a name then.
    ///
    /// # Errors
    /// What is written like a key and is none that may be used: a plugin's (threat 62), another
    /// kind of SSH key, a secret one. A secret is not repeated.
    pub(crate) fn parse(text: &str) -> Result<Option<Self>, Fault> {
        let text = text.trim();
        let lower = text.to_ascii_lowercase();
        if lower.starts_with("age-secret-key-") || lower.starts_with("-----begin") {
            return Err(refused("This is a secret key, and not a recipient.").next(
                "Give its public half. Whoever saw the secret one reads what is encrypted to it.",
            ));
        }
        if lower.starts_with("age-plugin-") {
            return Err(plugin());
        }
        if lower.starts_with("age1") {
            return Self::parse_age(text).map(Some);
        }
        if ["ssh-", "ecdsa-", "sk-ssh-", "sk-ecdsa-"]
            .iter()
            .any(|kind| lower.starts_with(kind))
        {
            return Self::parse_ssh(text).map(Some);
        }
        Ok(None)
    }

    fn parse_age(text: &str) -> Result<Self, Fault> {
        // Data holds no "1": what stands before the last one is the name of the kind.
        let kind = text.rsplit_once('1').map_or("", |(kind, _)| kind);
        if !kind.eq_ignore_ascii_case("age") {
            return Err(plugin().about(text));
        }
        let wrong = || {
            refused("This age recipient is not whole, or no key that is safe to encrypt to.")
                .about(text)
                .next("Copy it once more from whoever gave it to you.")
        };
        let (_, bytes) = bech32::decode(text).map_err(|_| wrong())?;
        let public = <[u8; 32]>::try_from(bytes).map_err(|_| wrong())?;
        // To a key of small order everybody could open the file.
        if !ExchangePublic::from_bytes(public).is_sound() {
            return Err(wrong());
        }
        text.to_ascii_lowercase()
            .parse()
            .map(Self::Age)
            .map_err(|_: &str| wrong())
    }

    fn parse_ssh(text: &str) -> Result<Self, Fault> {
        let wrong = |what: &str| {
            refused(what)
                .about(text)
                .next("Of SSH keys, ssh-ed25519 and ssh-rsa of at least 2048 bits can be used.")
        };
        let key: ::age::ssh::Recipient = text
            .parse()
            .map_err(|_| wrong("This SSH key can't be used."))?;
        if let ::age::ssh::Recipient::SshEd25519(_, point) = &key
            && point.is_small_order()
        {
            return Err(wrong("This SSH key can't be used."));
        }
        // The crate reads as far as it understands.
        let written = text.split_ascii_whitespace().take(2);
        if !written.eq(key.to_string().split_ascii_whitespace()) {
            return Err(wrong("This SSH key is not whole."));
        }
        Ok(Self::Ssh(key))
    }

    /// How it is told in an audit row or a message: an RSA key by its ends.
    pub(crate) fn shown(&self) -> String {
        let text = self.to_string();
        match text.len() {
            0..=120 => text,
            len => format!("{}…{}", &text[..24], &text[len - 16..]),
        }
    }

    pub(super) fn as_age(&self) -> &dyn ::age::Recipient {
        match self {
            Self::Age(key) => key,
            Self::Ssh(key) => key,
        }
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Age(key) => key.fmt(f),
            Self::Ssh(key) => key.fmt(f),
        }
    }
}

fn refused(what: &str) -> Fault {
    Fault::new(Code::Usage, what)
}

fn plugin() -> Fault {
    refused("This is a plugin's recipient, and plugins are never started.").next(
        "Give an age1… key of `age-keygen`, an ssh-ed25519 or ssh-rsa key, or a member's name.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
    const SSH: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHsKLqeplhpW+uObz5dvMgjz1OxfM/XXUB+VHtZ6isGN";

    fn refusal(text: &str) -> String {
        let fault = Recipient::parse(text).err().unwrap();
        assert_eq!(fault.code, Code::Usage);
        fault.message
    }

    #[test]
    fn keys_are_read_and_names_are_left() {
        for text in [KEY, SSH] {
            assert_eq!(Recipient::parse(text).unwrap().unwrap().to_string(), text);
        }
        let upper = Recipient::parse(&KEY.to_uppercase()).unwrap().unwrap();
        assert_eq!(upper.to_string(), KEY);
        let with_remark = format!("{SSH} bob@laptop");
        assert_eq!(
            Recipient::parse(&with_remark).unwrap().unwrap().to_string(),
            SSH
        );
        for name in ["bob", "Agent", "team/bob", "sshd"] {
            assert!(Recipient::parse(name).unwrap().is_none());
        }
    }

    // threat 62
    #[test]
    fn plugins_are_refused() {
        for text in [
            "age1yubikey1q2w7u3vpya839jxxuq8g0sedh3d740d4xvn639sqhr95ejj8vu3hyfumptt",
            "age1fido2-hmac1qqpxuz5jh9",
            "AGE-PLUGIN-YUBIKEY-1QQQSYQCYQ5RQWZQF",
            "age1../../bin/sh1qqqq",
        ] {
            assert!(refusal(text).contains("plugin"), "{text}");
        }
    }

    #[test]
    fn what_is_no_public_key_is_refused() {
        assert!(refusal(&KEY[..KEY.len() - 1]).contains("not whole"));
        assert!(refusal("AGE-SECRET-KEY-1QQQ").contains("secret"));
        assert!(refusal("-----BEGIN OPENSSH PRIVATE KEY-----").contains("secret"));
        refusal("ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAI");
        refusal(&format!("{SSH}AAAA"));
        refusal("ssh-ed25519");
    }

    #[test]
    fn keys_to_which_everybody_could_open_are_refused() {
        for weak in [[0; 32], {
            let mut one = [0; 32];
            one[0] = 1;
            one
        }] {
            let text = bech32::encode_lower::<bech32::Bech32>(AGE, &weak).unwrap();
            assert!(refusal(&text).contains("safe"));
        }
    }
}
