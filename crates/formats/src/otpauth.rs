//! The secret of a one-time password, as services hand it out: base32 alone, or an `otpauth://` address
//! as QR codes hold it (the "Key Uri Format" of Google Authenticator, which others took over).

use data_encoding::BASE32_NOPAD;
use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use crate::OneTimeError;

/// Seconds for which a code is good when nothing else is said.
const PERIOD: u32 = 30;
/// Digits of a code when nothing else is said.
const DIGITS: u32 = 6;
/// The longest period that is taken for one: a day.
const MOST_SECONDS: u32 = 24 * 60 * 60;

/// What codes are made of.
pub struct OneTime {
    /// The shared secret.
    pub secret: Zeroizing<Vec<u8>>,
    /// The hash.
    pub algorithm: Algorithm,
    /// Digits of a code: 6 to 8.
    pub digits: u32,
    /// Seconds for which a code is good, from 1 to a day.
    pub period: u32,
}

/// The hash that codes are made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// SHA-1, if nothing else is said.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

/// Reads what a service handed out. Spaces, dashes, case and padding of base32 don't matter.
///
/// # Errors
/// Says what is wrong without repeating any of it.
pub fn parse(text: &str) -> Result<OneTime, OneTimeError> {
    let text = text.trim();
    let Some(address) = strip_prefix_any_case(text, "otpauth://") else {
        return Ok(OneTime {
            secret: base32(text)?,
            algorithm: Algorithm::Sha1,
            digits: DIGITS,
            period: PERIOD,
        });
    };
    let (kind, rest) = address.split_once('/').ok_or(OneTimeError::NoSecret)?;
    if !kind.eq_ignore_ascii_case("totp") {
        return Err(OneTimeError::NotByTime);
    }
    let query = rest.split_once('?').map_or("", |(_, query)| query);
    let query = query.split_once('#').map_or(query, |(query, _)| query);
    let parameter = |name: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let found = pairs.find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| decoded(value)).transpose()
    };
    let number = |name, most, otherwise, wrong| match parameter(name)? {
        None => Ok(otherwise),
        Some(text) => {
            let number = text.parse::<u32>().ok();
            number.filter(|number| *number <= most).ok_or(wrong)
        }
    };
    let algorithm = match parameter("algorithm")? {
        None => Algorithm::Sha1,
        Some(name) => algorithm(&name).ok_or(OneTimeError::Algorithm)?,
    };
    let digits = number("digits", 8, DIGITS, OneTimeError::Digits)?;
    let period = number("period", MOST_SECONDS, PERIOD, OneTimeError::Period)?;
    if digits < 6 {
        return Err(OneTimeError::Digits);
    }
    if period == 0 {
        return Err(OneTimeError::Period);
    }
    let secret = parameter("secret")?.ok_or(OneTimeError::NoSecret)?;
    Ok(OneTime {
        secret: base32(&secret)?,
        algorithm,
        digits,
        period,
    })
}

fn strip_prefix_any_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let start = text.get(..prefix.len())?;
    start
        .eq_ignore_ascii_case(prefix)
        .then(|| &text[prefix.len()..])
}

/// A parameter's text. What percent signs stand for never needs more room than they do.
fn decoded(value: &str) -> Result<Zeroizing<String>, OneTimeError> {
    let mut bytes = Vec::with_capacity(value.len());
    bytes.extend(percent_decode_str(value));
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Zeroizing::new(text)),
        Err(error) => {
            drop(Zeroizing::new(error.into_bytes()));
            Err(OneTimeError::NotBase32)
        }
    }
}

fn algorithm(name: &str) -> Option<Algorithm> {
    let name: String = name.chars().filter(|c| *c != '-').collect();
    match name.to_ascii_uppercase().as_str() {
        "SHA1" => Some(Algorithm::Sha1),
        "SHA256" => Some(Algorithm::Sha256),
        "SHA512" => Some(Algorithm::Sha512),
        _ => None,
    }
}

fn base32(text: &str) -> Result<Zeroizing<Vec<u8>>, OneTimeError> {
    let mut clean = Zeroizing::new(Vec::with_capacity(text.len()));
    let kept = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace() && *byte != b'-');
    clean.extend(kept.map(|byte| byte.to_ascii_uppercase()));
    let unpadded = clean
        .iter()
        .rposition(|byte| *byte != b'=')
        .map_or(0, |last| last + 1);
    if unpadded == 0 {
        return Err(OneTimeError::NoSecret);
    }
    let secret = BASE32_NOPAD.decode(&clean[..unpadded]);
    secret
        .map(Zeroizing::new)
        .map_err(|_| OneTimeError::NotBase32)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn wrong(text: &str) -> OneTimeError {
        match parse(text) {
            Ok(_) => panic!("{text} was taken"),
            Err(error) => error,
        }
    }

    #[test]
    fn base32_as_people_copy_it() {
        for text in [
            "JBSWY3DPEHPK3PXP",
            "jbsw y3dp ehpk 3pxp",
            "JBSW-Y3DP-EHPK-3PXP",
            " JBSWY3DPEHPK3PXP====\n",
        ] {
            let read = parse(text).unwrap();
            assert_eq!(*read.secret, b"Hello!\xde\xad\xbe\xef", "{text}");
            assert_eq!((read.digits, read.period), (6, 30));
        }
        for text in [
            "",
            "  ",
            "====",
            "otpauth://totp/x",
            "otpauth://totp/x?secret=",
        ] {
            assert_eq!(wrong(text), OneTimeError::NoSecret, "{text:?}");
        }
        for text in ["hunter2!", "JBSWY3DPEHPK3PX1", "JBSWY3DPE", "é"] {
            assert_eq!(wrong(text), OneTimeError::NotBase32, "{text:?}");
        }
    }

    #[test]
    fn addresses_say_how_codes_are_made() {
        let read = parse(
            "otpauth://totp/ACME:ann@example.org?secret=JBSWY3DPEHPK3PXP&issuer=ACME&algorithm=SHA256&digits=8&period=60#x",
        );
        let read = read.unwrap();
        assert_eq!(
            (read.algorithm, read.digits, read.period),
            (Algorithm::Sha256, 8, 60)
        );
        let read =
            parse("OTPAUTH://TOTP/x?Secret=JBSWY3DPEHPK3PXP%3D%3D&algorithm=hmac&x").map(|_| ());
        assert_eq!(read, Err(OneTimeError::Algorithm));
        let with = |more: &str| wrong(&format!("otpauth://totp/x?secret=JBSWY3DPEHPK3PXP&{more}"));
        for digits in ["5", "9", "six", "-6"] {
            assert_eq!(with(&format!("digits={digits}")), OneTimeError::Digits);
        }
        for period in ["0", "86401", "99999999999"] {
            assert_eq!(with(&format!("period={period}")), OneTimeError::Period);
        }
        assert_eq!(
            wrong("otpauth://hotp/x?secret=JBSWY3DPEHPK3PXP&counter=1"),
            OneTimeError::NotByTime
        );
    }

    proptest::proptest! {
        #[test]
        fn nothing_that_is_read_panics(text in "(?s)(otpauth://)?.{0,60}") {
            let _ = parse(&text);
        }
    }
}
