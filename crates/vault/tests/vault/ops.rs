//! The places of ops in their devices' chains.

use team::ids::DeviceId;
use vault::{Changes, Frontier, Op, OpKind, OpStatus};

use crate::fixture::{DEVICE, Home, OTHER_TEAM, TEAM, commit, empty, op};

fn data_op(id: u8, device: DeviceId, seq: u64) -> Op {
    Op {
        device,
        seq,
        kind: OpKind::Data,
        deps: Vec::new(),
        ..op(id)
    }
}

fn head(of: &Op, forked: bool) -> Frontier {
    Frontier {
        team: TEAM,
        device: of.device,
        seq: of.seq,
        op: of.id,
        forked,
    }
}

/// The ledger needs every op of a device that forked, or it could not tell the branches apart.
#[tokio::test]
async fn a_fork_is_replayed_in_full() {
    let home = Home::new();
    let mut vault = empty(&home.vault()).await;
    let honest = DeviceId::from_bytes([1; 32]);
    let chain: Vec<Op> = (0..4).map(|n| data_op(10 + n, DEVICE, n.into())).collect();
    let apart = data_op(20, DEVICE, 2);
    let mut elsewhere = data_op(30, DEVICE, 2);
    elsewhere.team = OTHER_TEAM;
    let change = Changes {
        ops: chain
            .iter()
            .cloned()
            .chain([data_op(40, honest, 0), elsewhere])
            .collect(),
        frontier: vec![head(&chain[3], false), head(&data_op(40, honest, 0), false)],
        ..Changes::default()
    };
    commit(&mut vault, change).await;
    assert!(vault.ledger_ops(&TEAM).await.unwrap().is_empty());

    let mut control = op(50);
    control.device = DEVICE;
    control.seq = 4;
    let change = Changes {
        ops: vec![apart.clone(), control.clone()],
        // Its first chain goes no further by the op apart.
        frontier: vec![head(&chain[3], true), head(&control, false)],
        ..Changes::default()
    };
    commit(&mut vault, change).await;
    let mut expected = chain.clone();
    expected.extend([apart.clone(), control.clone()]);
    assert_eq!(vault.ledger_ops(&TEAM).await.unwrap(), expected);
    let heads = vault.frontier(&TEAM).await.unwrap();
    let forked: Vec<_> = heads.iter().filter(|head| head.forked).collect();
    assert_eq!(forked, [&head(&control, true)]);

    assert_eq!(
        vault.ops_at(&TEAM, &DEVICE, 2).await.unwrap(),
        [chain[2].id, apart.id]
    );
    assert_eq!(vault.ops_at(&TEAM, &DEVICE, 5).await.unwrap(), []);
    let places = vault.op_places(&TEAM).await.unwrap();
    assert_eq!(places.len(), 7);
    assert!(places.contains(&(DEVICE, 2, apart.id)));
    let unseen = vault.data_ops_of(&TEAM, &DEVICE, 2).await.unwrap();
    assert_eq!(unseen, [chain[2].clone(), chain[3].clone(), apart]);
    assert_eq!(
        vault
            .data_ops_of(&OTHER_TEAM, &DEVICE, 0)
            .await
            .unwrap()
            .len(),
        1
    );
    vault.verify_full().await.unwrap();
}

#[tokio::test]
async fn all_ops_come_in_pages() {
    let home = Home::new();
    let mut vault = empty(&home.vault()).await;
    let in_team = |n: u8| {
        let mut op = data_op(n, DEVICE, n.into());
        op.team = if n.is_multiple_of(3) {
            OTHER_TEAM
        } else {
            TEAM
        };
        op.status = if n.is_multiple_of(2) {
            OpStatus::Void
        } else {
            OpStatus::Quarantined
        };
        op
    };
    let change = Changes {
        ops: (1..30).rev().map(in_team).collect(),
        ..Changes::default()
    };
    commit(&mut vault, change).await;
    let (mut found, mut after) = (Vec::new(), 0);
    loop {
        let page = vault.all_ops(&TEAM, after, 4).await.unwrap();
        let Some((last, _)) = page.last() else { break };
        assert!(page.len() <= 4 && *last > after);
        after = *last;
        found.extend(page.into_iter().map(|(_, op)| op));
    }
    let expected: Vec<Op> = (1..30).rev().filter(|n| n % 3 != 0).map(in_team).collect();
    assert_eq!(found, expected);
}
