//! The code of a one-time password: worked out here, so that its secret stays here.

use crypto::{OneTimeHash, SecretText, SecretVec, one_time_code};
use formats::otpauth::{self, Algorithm, OneTime};
use serde::{Deserialize, Serialize};
use team::entry::{Content, EntryKind};
use ts_rs::TS;

use super::EntryRef;
use super::find::{find, no_entry, open_version};
use super::reveal::expiry_warning;
use crate::audit::Reads;
use crate::clock::now;
use crate::records::AuditEntry;
use crate::requests::UseCase;
use crate::session::Session;
use crate::{Code, Fault, Plaintext, bundles};

/// What makes a secret good.
const NEXT: &str =
    "Give the base32 text or the otpauth:// address that the service shows beside its QR code.";

/// What a code is asked for as, among the fields.
pub(super) const FIELD: &str = "code";

/// Works out the present code of a one-time password (RFC 6238). The audit row is committed before the
/// code is released.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct RevealCode {
    /// Which entry.
    pub entry: EntryRef,
    /// For the audit: `get`, `copy`.
    pub operation: String,
}

/// The code of a one-time password.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct OneTimeCode {
    /// Entry id, hex.
    pub id: String,
    /// `project/environment`.
    pub bundle: String,
    /// Name.
    pub name: String,
    /// 6 to 8 digits.
    pub code: Plaintext,
    /// Unix seconds, by this machine's clock, at which the next one follows.
    pub until: u64,
    /// Seconds until then.
    pub seconds_left: u32,
    /// Seconds from one to the next.
    pub period: u32,
    /// What is worth saying: a conflict, an expiry passed.
    pub warnings: Vec<String>,
}

impl UseCase for RevealCode {
    async fn carry_out(self, session: &mut Session) -> Result<OneTimeCode, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let found = find(open, &self.entry).await?;
        let chosen = found.chosen().ok_or_else(|| no_entry("", ""))?;
        let opened = open_version(&open.teams, chosen)?;
        let name = opened.content.name.clone();
        if opened.content.kind != EntryKind::OneTimePassword {
            return Err(Fault::new(Code::Usage, "The entry is no one-time password.").about(name));
        }
        let mut warnings: Vec<String> = expiry_warning(&opened).into_iter().collect();
        warnings.extend(found.several_values(&name));
        let Made {
            code,
            until,
            period,
        } = code(&opened.content)?;
        let bundle = bundles::full_name(&open.teams, &found.bundle);
        let entry = AuditEntry {
            operation: self.operation,
            bundle: Some(bundle.clone()),
            names: vec![name.clone()],
            count: 1,
            detail: Some(FIELD.to_owned()),
            // Who has seen a code has not seen the secret, but used it: it counts as read.
            reads: Reads::of(
                &open.teams[&found.bundle.team],
                found.bundle.id,
                [chosen.id],
            ),
            ..AuditEntry::default()
        };
        open.record(&caller, entry).await?;
        Ok(OneTimeCode {
            id: found.entry.to_string(),
            bundle,
            name,
            code: code.into(),
            until,
            seconds_left: u32::try_from(until.saturating_sub(now())).unwrap_or(period),
            period,
            warnings,
        })
    }
}

/// A code, and for how long it is good.
pub(super) struct Made {
    pub code: SecretText,
    /// Unix seconds at which the next one follows.
    pub until: u64,
    /// Seconds from one to the next.
    pub period: u32,
}

/// The present code of an entry that is a one-time password.
pub(super) fn code(content: &Content) -> Result<Made, Fault> {
    let field = content.kind.fields()[0];
    let secret = content
        .fields
        .get(field)
        .ok_or_else(|| Fault::new(Code::NotFound, "The entry has no such field.").about(field))?;
    Ok(made(read(secret)?, now()))
}

fn made(one_time: OneTime, at: u64) -> Made {
    let OneTime {
        mut secret,
        algorithm,
        digits,
        period,
    } = one_time;
    let hash = match algorithm {
        Algorithm::Sha1 => OneTimeHash::Sha1,
        Algorithm::Sha256 => OneTimeHash::Sha256,
        Algorithm::Sha512 => OneTimeHash::Sha512,
    };
    let secret = SecretVec::new(std::mem::take(&mut *secret));
    let counter = at / u64::from(period);
    Made {
        code: one_time_code(&secret, hash, counter, digits),
        until: (counter + 1) * u64::from(period),
        period,
    }
}

/// Refuses content that says it is a one-time password, and no code can be made of.
pub(crate) fn check(content: &Content) -> Result<(), Fault> {
    if content.kind != EntryKind::OneTimePassword {
        return Ok(());
    }
    let field = content.kind.fields()[0];
    let secret = content
        .fields
        .get(field)
        .ok_or_else(|| Fault::new(Code::Usage, "A one-time password needs a secret.").next(NEXT));
    let one_time = secret.and_then(read);
    one_time
        .map(drop)
        .map_err(|fault| fault.about(&*content.name))
}

fn read(secret: &SecretVec) -> Result<OneTime, Fault> {
    // EXPOSE: decoded here; what is secret in it is wiped after use.
    let text = std::str::from_utf8(secret.expose());
    let text = text.map_err(|_| {
        Fault::new(Code::Usage, "The secret of a one-time password is text.").next(NEXT)
    })?;
    otpauth::parse(text).map_err(|error| {
        Fault::new(
            Code::Usage,
            format!("No code can be made of this one-time password: {error}."),
        )
        .next(NEXT)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_change_with_the_period() {
        // RFC 6238, appendix B: its seed in base32, eight digits, at 59 and 60 seconds.
        let address = "otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=8";
        let at = |second| made(otpauth::parse(address).unwrap(), second);
        let first = at(59);
        assert_eq!((first.code.expose(), first.until), ("94287082", 60));
        assert_eq!(at(30).code, first.code);
        assert_ne!(at(60).code, first.code);
        assert_eq!((at(60).until, at(60).period), (90, 30));
    }
}
