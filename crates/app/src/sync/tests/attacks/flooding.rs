//! More than anybody means to send.

use crypto::KeyId;

use super::{FindingKind, Person, Team};
use crate::sync::names;

/// threat 13: neither hides what is real, and what is told of it is bounded.
pub async fn junk_among_requests(team: &mut Team) {
    let id = super::team_id(&team.ann);
    let mut eve = Person::on("eve", &team.store, &team.ground).await;
    let invitation = team.ann.invite("writer").await;
    let joining = eve.join(invitation).await;
    for number in 0..2_500_u32 {
        let mut key = [0; 16];
        key[..4].copy_from_slice(&number.to_be_bytes());
        let key = KeyId::from_bytes(key).to_string();
        let name = names::request(&id, 20_000, &key, b"other bytes");
        team.ann.view.tamper(&name, number.to_be_bytes().to_vec());
    }
    let report = team.ann.look(true).await;
    assert_eq!(report.requests, 1);
    let kinds = report.findings.iter().map(|one| one.kind);
    assert_eq!(
        kinds.filter(|kind| *kind == FindingKind::BadObject).count(),
        200
    );
    let requests = crate::team::ListRequests { team: None };
    let requests = team.ann.ask(requests).await;
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].words, joining.words);
    team.agree().await;
}
