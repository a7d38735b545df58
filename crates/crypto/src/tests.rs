//! Vectors: our own, and the published ones of the parts.

#![allow(clippy::unwrap_used)]

mod published;
mod vectors;
