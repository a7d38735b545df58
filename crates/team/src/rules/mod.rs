//! The membership rules (protocol §6, rules 1 to 8): who is a member, in which role, with which
//! devices, when many people act without having seen each other and some of them lie.
//!
//! This is a function from a set of control ops to a verdict on each. It knows nothing of
//! signatures, keys, bundles or bytes, and it is generic over op ids, members and devices. The
//! ledger maps signed ops onto it. Start reading at [`Core`]; the rules stand here in prose.
//!
//! # The rules
//!
//! **An op is judged twice.** First by what its author had seen: if that did not allow it, it is
//! rejected and nothing that arrives later can save it ([`Refusal`]). Then beside everything else:
//! ops that are each right by themselves may exclude each other, and then some are void
//! ([`Cause`]). Only the second verdict can change, when ops arrive that were written apart.
//!
//! **At birth** (`birth`). Owners set any role of others; admins set roles up to admin of members
//! up to admin; nobody sets their own. Devices are added by their own member. They are revoked by
//! their own member, by an owner, or, unless their member is an owner, by an admin. The recovery
//! key manages its own member's devices and nothing else; it is revoked by itself or by another
//! member who is an owner. Every op needs a device that was added and not revoked. What changes
//! nothing is rejected. (Nothing leaves the team without an owner here: only another owner can
//! lower one.)
//!
//! **Merging** (`view`). A member's role is the least that the latest valid ops about them give,
//! where an op is latest if no other of them was written in knowledge of it. So a removal stands
//! against an addition that did not know it, and adding back must know every removal. A revoked
//! device stays revoked.
//!
//! **Rank** (`birth`). An op that takes something away is a *reduction*: a removal, a lower role,
//! a revocation. Reductions can meet head on, so each has a rank, which nothing can change any
//! more: the author's role when they wrote it; then who has held it longer; then the older device;
//! then the earlier op. Whoever gave a role outranks whoever got it.
//!
//! **Settling** (`settle`). Reductions are judged from the highest rank down, each after all that
//! its author had seen; what is no reduction comes last. An op is void if a standing reduction that
//! it had not seen is aimed at its author or at its device, or if its author's authority does not
//! come from ops that are valid, or if no owner would remain, or if what it takes up (an invitation,
//! a member's entry) serves another valid op already. A member's own revocation of a device
//! voids only what a later device did: a stolen laptop can't silence the device that is older. So
//! a cycle of removals is won by the highest rank, and backdating an op to before one's removal
//! does not help, for the removal had not seen it.
//!
//! **Acts on bundles and data** (`core`). A grant or an epoch is judged like a control op, in its
//! own past: [`Core::within`] for its birth, [`Core::author_at`] for the rest. Puts and deletes that
//! neither saw a removal of their author nor were seen by it are not void but quarantined:
//! [`Core::quarantined_by`].
//!
//! **Forks.** Both branches of a chain are ops like others. A fork voids nothing by itself.
//!
//! # What it costs
//!
//! An op that has seen everything keeps the verdict of its birth and costs a few look-ups, so a
//! history in order is linear. An op that has not is judged at birth in its own past alone, which
//! is worked out once (`pasts`), and then the *stretch* that it falls in is settled again: all ops
//! back to the last point that everything after it has seen (`stretch`). One late op that was
//! backdated over `n` others thus costs one settling of `n + 1` ops, in which each is judged once
//! unless reductions fail. How often failing may repeat work is bounded by the number of ops in
//! the stretch alone (`settle`). [`Core::extend`] settles once for a whole batch.

mod birth;
mod control;
mod core;
mod effort;
mod history;
mod pasts;
mod role;
mod settle;
mod standing;
mod stretch;
mod verdict;
mod view;

pub use self::control::{Act, Control, Device, Once, Origin};
pub use self::core::{Core, Scope};
pub use self::effort::Effort;
pub use self::role::Role;
pub use self::verdict::{AuthorAt, Cause, Changes, InsertError, Refusal, Verdict};
pub use self::view::View;
