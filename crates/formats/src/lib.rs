//! The formats that secrets come in and go out in: reading `.env` files as their own readers do,
//! writing dotenv, shell and JSON, and three checks that belong to rendering: which variable names
//! are dangerous, which names read alike, and what a terminal may be shown; and the secrets of one-time
//! passwords, as services hand them out.
//!
//! This room never does I/O, never holds a key, never reads the clock or the environment, and
//! depends on none of the other rooms. Values pass through as [`Value`] and [`export::Written`],
//! which are wiped when dropped and never printed. `app` is the only caller.
//!
//! Start with [`dotenv::parse`] for the way in and [`export::write`] for the way out.

mod buffer;
pub mod confusable;
pub mod dotenv;
mod error;
pub mod export;
pub mod names;
pub mod otpauth;
pub mod terminal;
mod value;

pub use error::{InterpolateError, OneTimeError, ParseError, Refusal, WriteError};
pub use value::Value;
