//! The yardstick for `get`: a program that only prints.
#![allow(clippy::print_stdout)]

fn main() {
    print!("a value of the usual length");
}
