//! Where somebody else says that a team's ops are.

use remotes::Location;

use crate::{Code, Fault};

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
    use super::place;
    use crate::Code;

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
