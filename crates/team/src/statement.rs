//! What a new device or recovery key signs to show that it holds its keys: (team, member).

use crypto::{DevicePublic, DeviceSecret, Purpose, Signed};

use crate::ids::{MemberId, TeamId};

/// A device's or recovery key's statement; which of the two, the purpose says.
pub(crate) fn make_statement(
    signer: &DeviceSecret,
    purpose: Purpose,
    team: &TeamId,
    member: &MemberId,
) -> Vec<u8> {
    crypto::sign(signer, purpose, &statement_payload(team, member))
}

/// Whose statement for this team and member it is; none if it is not one.
pub(crate) fn verify_statement(
    statement: &[u8],
    purpose: Purpose,
    team: &TeamId,
    member: &MemberId,
) -> Option<DevicePublic> {
    let signed = Signed::parse(statement).ok()?;
    let verified = signed.verify_and_open(purpose).ok()?;
    (verified.payload() == statement_payload(team, member)).then(|| verified.signer())
}

pub(crate) fn statement_payload(team: &TeamId, member: &MemberId) -> Vec<u8> {
    [team.as_bytes().as_slice(), member.as_bytes()].concat()
}
