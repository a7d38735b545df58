//! Randomness for what is not secret: ids and salts. Secrets come from [`SecretBytes::make`].
//!
//! [`SecretBytes::make`]: crate::SecretBytes::make

/// `N` random bytes from the operating system.
///
/// # Panics
/// If the operating system has no randomness to give, which nothing here can go on without.
#[must_use]
pub fn make_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    fill(&mut bytes);
    bytes
}

/// Fills `bytes` from the operating system's generator.
pub(crate) fn fill(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the operating system's random generator works");
}
