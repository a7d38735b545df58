//! Different histories for different people, and one device in two places.

use super::{Before, Code, FindingKind, Team, all_of, device_of};
use crate::team::RevokeDevice;

/// threats 7 and 40: dan's vault was copied, and the remote shows the one's ops to ann and the
/// other's to bob.
pub async fn forked_views_and_a_copied_device(team: &mut Team) {
    let mut twin = team.dan.copy(&team.store, &team.ground).await;
    let device = device_of(&mut team.dan).await;
    for (person, side) in [
        (&mut twin, 1),
        (&mut team.ann, 1),
        (&mut team.dan, 2),
        (&mut team.bob, 2),
    ] {
        person.view.fork(Some(side));
    }
    twin.set("api/prod", "KEY", "by the twin").await;
    twin.sync().await;
    team.dan.set("api/prod", "KEY", "by dan").await;
    team.dan.sync().await;
    for (person, value) in [(&mut team.ann, "by the twin"), (&mut team.bob, "by dan")] {
        person.sync().await;
        assert_eq!(person.get("api/prod", "KEY").await, value);
    }
    // The first citation that crosses over is found.
    let then = team.store.len();
    team.ann
        .set("api/prod", "OTHER", "having seen the twin")
        .await;
    team.ann.sync().await;
    let citing = team.since(then)[0].0.clone();
    team.store.join_sides(Some(&citing));
    let before = Before::of(&mut team.bob).await;
    for _ in 0..2 {
        let report = team.bob.look(false).await;
        let [fork] = all_of(&report, FindingKind::Fork) else {
            panic!("{report:?}")
        };
        assert_eq!(fork.device.as_ref(), Some(&device));
        assert!(
            fork.seq.is_some() && fork.sentence.matches("op ").count() == 3,
            "{fork:?}"
        );
        before.is_kept_by(&mut team.bob).await;
        team.bob.reopen().await;
    }

    // With both sides at hand it is a device that wrote two ops at one place: the device itself
    // signs nothing any more, the others keep both and are told to revoke it.
    team.store.join_sides(None);
    for person in [&mut team.ann, &mut team.bob, &mut team.cyd] {
        person.view.tell_the_truth();
        person.look(true).await;
        let report = person.look(true).await;
        let [finding] = all_of(&report, FindingKind::Equivocation) else {
            panic!("{report:?}")
        };
        assert_eq!(finding.device.as_ref(), Some(&device));
        assert!(finding.next.contains("device revoke"), "{finding:?}");
    }
    for copy in [&mut team.dan, &mut twin] {
        copy.view.tell_the_truth();
        let objects = team.store.len();
        let report = copy.look(true).await;
        assert_eq!(all_of(&report, FindingKind::Equivocation).len(), 1);
        let refused = copy.try_set("api/prod", "KEY", "signed no more").await;
        assert_eq!(refused.unwrap_err().code, Code::NotAllowed);
        copy.reopen().await;
        assert!(copy.try_set("api/prod", "KEY", "nor later").await.is_err());
        copy.look(true).await;
        assert_eq!(team.store.len(), objects);
    }
    let revoke = RevokeDevice {
        team: None,
        device: "dans-laptop".to_owned(),
        words: None,
        without_words: false,
        alone: false,
    };
    team.ann.ask(revoke).await;
    team.agree().await;
}
