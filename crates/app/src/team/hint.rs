//! Where somebody else says that a team's ops are.

use remotes::Location;
use team::invitation::Invitation;
use team::link::DeviceLink;

use crate::{Code, Fault, Plaintext};

/// Where on this machine an invitation, or the link of a device, leads to; none where it leads away
/// from it. Whoever made the text chose the place, so a face asks before it is followed.
pub fn local_place(text: &Plaintext) -> Option<String> {
    // EXPOSE: only the place in it is read; the code in it goes into its own type and is dropped.
    let text = text.expose_text()?;
    let invitation = Invitation::from_text(text).map(|invitation| invitation.hint);
    let hint = match invitation {
        Ok(hint) => hint,
        Err(_) => DeviceLink::from_text(text).ok()?.hint,
    };
    let location = hint.parse::<Location>().ok()?;
    let is_local = match &location {
        Location::Folder(_) => true,
        Location::Git(git) => git.is_local(),
        Location::S3(_) => false,
    };
    is_local.then(|| location.to_string())
}

/// The place to join at: what the person said, or else what the invitation or link says. An
/// invitation is anybody's text: one that would spend this machine's own settings, a profile's
/// credentials at an endpoint of the inviter's choice, is followed only when the person says it too
/// (threat 65).
pub(super) fn place(said: Option<&str>, hint: &str) -> Result<String, Fault> {
    let location = said.unwrap_or(hint).parse::<Location>()?.to_string();
    let settings = location
        .split_once('?')
        .map_or("", |(_, settings)| settings);
    let own = settings.split('&').any(|setting| {
        let name = setting.split('=').next().unwrap_or_default();
        matches!(name, "profile" | "endpoint" | "plain-http")
    });
    if said.is_none() && own {
        return Err(Fault::new(
            Code::Usage,
            "It leads to a place with settings of its own: say that you mean it.",
        )
        .about(location.clone())
        .next(format!("If you know that place: `--remote '{location}'`.")));
    }
    Ok(location)
}

#[cfg(test)]
mod tests {
    use crypto::DeviceSecret;
    use team::ids::{MemberId, OpId, TeamId};
    use team::link::DeviceLink;

    use super::{local_place, place};
    use crate::{Code, Plaintext};

    // threat 65
    #[test]
    fn a_text_that_leads_into_this_machine_is_told() {
        let device = DeviceSecret::make().public();
        let led = |hint: &str| {
            let link = DeviceLink {
                hint: hint.to_owned(),
                team: TeamId::derive(&team::ids::DeviceId::of(&device), &[1; 32]),
                genesis: OpId::from_bytes([2; 32]),
                member: MemberId::from_bytes([3; 32]),
            };
            local_place(&Plaintext::from_text(link.to_text()))
        };
        for here in ["folder:/home/ann", "file:///srv/acme.git"] {
            assert_eq!(led(here).as_deref(), Some(here));
        }
        for away in [
            "https://git.example/team.git",
            "git@git.example:team.git",
            "s3://team",
            "no place",
        ] {
            assert_eq!(led(away), None, "{away}");
        }
        assert_eq!(
            local_place(&Plaintext::from_text("no text".to_owned())),
            None
        );
    }

    // threat 65
    #[test]
    fn an_invitation_spends_no_profile_unasked() {
        for hint in [
            "s3://team?endpoint=https://evil.example&profile=prod",
            "s3://team?profile=prod",
        ] {
            let fault = place(None, hint).unwrap_err();
            assert_eq!(fault.code, Code::Usage);
            assert!(fault.next.unwrap().contains("--remote"));
            assert!(place(Some(hint), "s3://other").is_ok());
        }
        assert!(place(None, "https://git.example/team.git").is_ok());
    }
}
