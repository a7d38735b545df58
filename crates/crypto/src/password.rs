//! From a passphrase to a key, by Argon2id version 1.3 (RFC 9106).

use std::time::Duration;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::{KdfError, SecretBytes, SecretText};

const MIB: u32 = 1024;

/// What an Argon2id derivation costs. Stands in the key slot in plain, bound by its aad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KdfParams {
    /// Working memory in KiB.
    pub memory_kib: u32,
    /// How often the memory is passed over.
    pub passes: u32,
    /// How many lanes can be worked on at once.
    pub lanes: u32,
}

impl KdfParams {
    /// RFC 9106's second recommended option: 64 MiB, 3 passes, 4 lanes. The least for a new slot.
    pub const DEFAULT: Self = Self {
        memory_kib: 64 * MIB,
        passes: 3,
        lanes: 4,
    };

    /// The least that a slot may have to be read at all: 19 MiB, 2 passes, 1 lane.
    pub const READ_MIN: Self = Self {
        memory_kib: 19 * MIB,
        passes: 2,
        lanes: 1,
    };

    /// The most that a slot may have to be read at all: 2 GiB, 20 passes, 16 lanes.
    pub const READ_MAX: Self = Self {
        memory_kib: 2048 * MIB,
        passes: 20,
        lanes: 16,
    };

    /// Whether these parameters, which come from a file that anyone may have edited, may be run on a
    /// machine with `total_ram_bytes`: 19 MiB to 2 GiB or half of the memory, whichever is less, 2 to
    /// 20 passes, 1 to 16 lanes.
    ///
    /// # Errors
    /// [`KdfError::TooWeak`] if someone lowered them (threat 42), [`KdfError::TooCostly`] if someone
    /// raised them (threat 43).
    pub fn check_read(self, total_ram_bytes: u64) -> Result<(), KdfError> {
        self.check_bounds()?;
        if u64::from(self.memory_kib) * 1024 > total_ram_bytes / 2 {
            return Err(KdfError::TooCostly);
        }
        Ok(())
    }

    /// Whether a new slot may be made with these: [`DEFAULT`](Self::DEFAULT) or more in memory and
    /// passes, within the bounds for reading. Lanes are no measure of strength.
    ///
    /// # Errors
    /// [`KdfError::TooWeak`] or [`KdfError::TooCostly`].
    pub fn check_new(self) -> Result<(), KdfError> {
        self.check_bounds()?;
        if self.memory_kib < Self::DEFAULT.memory_kib || self.passes < Self::DEFAULT.passes {
            return Err(KdfError::TooWeak);
        }
        Ok(())
    }

    /// The bounds that hold on every machine.
    fn check_bounds(self) -> Result<(), KdfError> {
        let each = |take: fn(Self) -> u32| (take(Self::READ_MIN), take(self), take(Self::READ_MAX));
        for (min, value, max) in [
            each(|p| p.memory_kib),
            each(|p| p.passes),
            each(|p| p.lanes),
        ] {
            if value < min {
                return Err(KdfError::TooWeak);
            }
            if value > max {
                return Err(KdfError::TooCostly);
            }
        }
        Ok(())
    }
}

/// The key of a passphrase: Argon2id of its NFC form, 32 bytes.
///
/// NFC, as RFC 8265 section 4.2 has it for passwords: the same characters give the same key whether a
/// keyboard sends `ü` in one piece or as `u` with dots. Case, spaces and compatibility forms are kept.
/// The working memory is wiped.
///
/// # Errors
/// Parameters outside of the bounds that hold everywhere are refused before Argon2 runs, as in
/// [`KdfParams::check_read`], which the caller asks first because it knows the machine's memory; or
/// the memory can't be had.
pub fn derive_password_key(
    passphrase: &SecretText,
    salt: &[u8; 32],
    params: KdfParams,
) -> Result<SecretBytes<32>, KdfError> {
    params.check_bounds()?;
    let argon2_params = Params::new(params.memory_kib, params.passes, params.lanes, Some(32))
        .map_err(KdfError::Argon2)?;
    let mut memory = working_memory(argon2_params.block_count())?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, argon2_params);
    let normalised = normalise(passphrase);
    let mut result = Ok(());
    let key = SecretBytes::filled(|key| {
        result = argon2.hash_password_into_with_memory(
            // EXPOSE: the passphrase goes into Argon2 and nowhere else.
            normalised.expose().as_bytes(),
            salt,
            key,
            memory.as_mut_slice(),
        );
    });
    result.map(|()| key).map_err(KdfError::Argon2)
}

/// The blocks that Argon2 works in, or an error instead of an abort.
fn working_memory(blocks: usize) -> Result<Zeroizing<Vec<Block>>, KdfError> {
    let mut memory = Zeroizing::new(Vec::new());
    memory
        .try_reserve_exact(blocks)
        .map_err(|_| KdfError::OutOfMemory)?;
    memory.resize(blocks, Block::new());
    Ok(memory)
}

/// The NFC form of `passphrase`.
fn normalise(passphrase: &SecretText) -> SecretText {
    // NFC makes UTF-8 at most three times longer (UAX 15), so the text never moves while it grows.
    let mut normalised = String::with_capacity(3 * passphrase.len());
    // EXPOSE: copied, character by character, into another secret.
    normalised.extend(passphrase.expose().nfc());
    SecretText::new(normalised)
}

/// More memory than this isn't chosen, so that a vault also opens on a small machine.
const CALIBRATED_MEMORY_MAX: u32 = 256 * MIB;

/// Parameters for a new slot that take about `target` here, and never less than
/// [`KdfParams::DEFAULT`]: first more memory, up to 256 MiB, as that is what costs an attacker most,
/// then more passes. `measure` derives a key with the parameters given and says how long that took:
/// the clock is the caller's.
pub fn calibrate(target: Duration, mut measure: impl FnMut(KdfParams) -> Duration) -> KdfParams {
    let mut params = KdfParams::DEFAULT;
    let mut took = measure(params);
    while took <= target / 2 && params.memory_kib < CALIBRATED_MEMORY_MAX {
        params.memory_kib *= 2;
        took = measure(params);
    }
    let per_pass = (took / params.passes).max(Duration::from_nanos(1));
    let passes = target.as_nanos() / per_pass.as_nanos();
    params.passes = u32::try_from(passes)
        .unwrap_or(u32::MAX)
        .clamp(KdfParams::DEFAULT.passes, KdfParams::READ_MAX.passes);
    params
}

#[cfg(test)]
mod tests;
