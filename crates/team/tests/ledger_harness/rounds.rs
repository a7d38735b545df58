//! Ops that come in another order, one by one or as rounds.

use std::collections::BTreeMap;

use super::super::team::SignedOp;
use super::super::team::ids::OpId;
use super::super::team::ledger::{Receipt, Settled, Standing};
use super::{Packet, Replica};

impl Replica {
    /// Takes ops in as one round. What was told of control ops on the way has to be how they stand
    /// at its end.
    pub fn receive_round<'a>(&mut self, packets: impl IntoIterator<Item = &'a Packet>) {
        let mut told: BTreeMap<OpId, Standing> = self
            .ledger
            .control_ops()
            .map(|(op, standing)| (op.id(), standing))
            .collect();
        self.ledger.begin_round();
        let mut again = false;
        for packet in packets {
            if let Ok(signed) = SignedOp::verify(&packet.op) {
                self.seen.insert(signed.id(), packet.clone());
            }
            let receipts = self
                .ledger
                .receive(packet.arrival(), &mut self.keys, &self.archive);
            again |= self.keep_all(&receipts);
            for receipt in receipts {
                if let Receipt::Applied(op, effects) = receipt
                    && let Some(standing) = effects.standing
                    && !op.action().is_data()
                {
                    told.insert(op.id(), standing);
                }
            }
        }
        let settled = self.ledger.end_round();
        told.extend(settled.changed.iter().chain(&settled.settled).copied());
        let stand = self.ledger.control_ops();
        let stand: BTreeMap<_, _> = stand.map(|(op, standing)| (op.id(), standing)).collect();
        assert_eq!(told, stand);
        if again || !settled.changed.is_empty() {
            self.judge_data_again();
        } else {
            self.judge_again(&settled.data);
        }
        self.keep_reseals(&settled);
    }

    /// Takes ops in in another order, some of them twice: one by one, or in rounds of a size.
    pub fn deliver_shuffled(&mut self, ops: &[Packet], seed: u64, size: Option<usize>) {
        let order = shuffled(ops, seed);
        match size {
            None => self.deliver(&order),
            Some(size) => order
                .chunks(size)
                .for_each(|round| self.receive_round(round)),
        }
    }

    /// As a vault does with acts that are valid only at the end of a round.
    fn keep_reseals(&mut self, settled: &Settled) {
        for (op, standing) in settled.changed.iter().chain(&settled.settled) {
            if *standing != Standing::Valid {
                continue;
            }
            let packet = &self.seen[op];
            let again = self
                .ledger
                .judge_again(packet.arrival(), &self.keys, &self.archive)
                .expect("it was applied");
            self.keep_reseals_of(&again);
        }
    }
}

/// The ops in another order, some of them twice.
fn shuffled(ops: &[Packet], seed: u64) -> Vec<Packet> {
    let mut state = seed;
    let mut below = |bound: usize| {
        // SplitMix64: any order will do, if the seed brings it back.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) as usize % bound
    };
    let mut rest = ops.to_vec();
    let mut order = Vec::new();
    while !rest.is_empty() {
        order.push(rest.remove(below(rest.len())));
        if below(4) == 0 {
            order.push(order[below(order.len())].clone());
        }
    }
    order
}
