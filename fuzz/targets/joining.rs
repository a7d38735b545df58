//! Any bytes as what comes from outside the team: requests to join, as they lie on the remote and
//! sealed by somebody who has the string; texts that people paste; sheets and tokens of services
//! (threats 13 and 30).
#![no_main]

use std::sync::LazyLock;

use crypto::{DeviceSecret, Purpose, SecretBytes, sign};
use libfuzzer_sys::fuzz_target;
use team::ids::{DeviceId, OpId, TeamId};
use team::invitation::{Invitation, InvitationSecrets};
use team::jobs::{Service, Terms, Token, look_at_sheet, make_service, read_sheets};
use team::join::{Request, invitation_of};
use team::link::DeviceLink;
use team::op::Returning;

const TEAM: TeamId = TeamId::from_bytes([1; 32]);
const GENESIS: OpId = OpId::from_bytes([2; 32]);

struct Known {
    device: DeviceSecret,
    secrets: InvitationSecrets,
    token: Token,
    service: Service,
}

/// The same device in every run, so that an input found once is found again.
static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let device = DeviceSecret::from_bytes(&SecretBytes::new([7; 64]));
    let terms = Terms {
        signers: vec![DeviceId::of(&device.public())],
        min_count: 0,
        max_age: u64::MAX,
        expires: u64::MAX,
    };
    let secrets = InvitationSecrets {
        secret: SecretBytes::new([3; 32]),
        code: SecretBytes::new([4; 32]),
    };
    let (token, service) = make_service((TEAM, GENESIS), "", Vec::new(), terms);
    Known {
        device,
        secrets,
        token,
        service,
    }
});

fuzz_target!(|input: &[u8]| {
    let known = &*KNOWN;
    let _ = invitation_of(input);
    let _ = Request::open(input, (TEAM, GENESIS), &known.secrets);
    let _ = team::join::decode_inner(input);
    let signed = sign(&known.device, Purpose::SheetSignature, input);
    let _ = read_sheets(&known.token, [(0, input), (0, &signed)], 0);
    let _ = team::jobs::decode_values(input);
    let _ = look_at_sheet(&known.service, 0, &signed);
    if let Ok(text) = std::str::from_utf8(input) {
        let _ = Invitation::from_text(text);
        let _ = Token::from_text(text);
        let _ = Returning::from_text(text);
        if let Ok(link) = DeviceLink::from_text(text) {
            let _ = link.open_answer(text);
        }
    }
});
