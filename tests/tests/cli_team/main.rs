//! Teams, through the built program: each person is a home of their own.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]
#![allow(clippy::print_stderr)]

mod age;
mod bucket;
mod copies;
mod credentials;
mod devices;
mod people;
mod recovery;
mod talk;
mod walk;
