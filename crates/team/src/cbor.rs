//! Strict DAG-CBOR: one value has one encoding, and a decoder refuses every other (threat 14).
//!
//! Signatures and hashes are over the bytes received, so two encodings of one value would be two
//! different ops that mean the same. Whatever does not encode back to the very bytes is refused:
//! long integers, indefinite lengths, unsorted or duplicate or unknown keys, trailing bytes.

use serde::Serialize;
use serde::de::Deserialize;

use crate::caps;
use crate::error::Malformed;

/// The one encoding of a value of ours.
pub(crate) fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    serde_ipld_dagcbor::to_vec(value).expect("our own types hold nothing that DAG-CBOR lacks")
}

/// The value of which these bytes are the one encoding.
pub(crate) fn decode<'de, T: Deserialize<'de> + Serialize>(
    bytes: &'de [u8],
) -> Result<T, Malformed> {
    let value: T = decode_loosely(bytes)?;
    if encode(&value) != bytes {
        return Err(Malformed::Encoding);
    }
    Ok(value)
}

/// A value of these bytes, whose caller still has to compare them with the one encoding.
pub(crate) fn decode_loosely<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, Malformed> {
    check_structure(bytes)?;
    serde_ipld_dagcbor::from_slice(bytes).map_err(|_| Malformed::Encoding)
}

/// How many items the list has that these bytes begin.
pub(crate) fn list_len(mut bytes: &[u8]) -> Result<u64, Malformed> {
    match take_head(&mut bytes)? {
        (4, items) => Ok(items),
        _ => Err(Malformed::Encoding),
    }
}

/// Walks over the heads of all items without building anything: claimed lengths must lie within
/// the bytes, and nesting within [`caps::DEPTH`].
fn check_structure(bytes: &[u8]) -> Result<(), Malformed> {
    let mut rest = bytes;
    // For each open container, how many items are still to come.
    let mut open: Vec<u64> = vec![1];
    while let Some(left) = open.last_mut() {
        if *left == 0 {
            open.pop();
            continue;
        }
        *left -= 1;
        let (major, value) = take_head(&mut rest)?;
        match major {
            2 | 3 => {
                let length = usize::try_from(value).map_err(|_| Malformed::Encoding)?;
                rest = rest.get(length..).ok_or(Malformed::Encoding)?;
            }
            4 | 5 => {
                let items = if major == 5 {
                    value.checked_mul(2)
                } else {
                    Some(value)
                };
                // Every item has one byte at least.
                let items = items
                    .filter(|items| *items <= rest.len() as u64)
                    .ok_or(Malformed::Encoding)?;
                if open.len() > caps::DEPTH {
                    return Err(Malformed::TooDeep);
                }
                open.push(items);
            }
            // No tags: version 1 links to nothing.
            6 => return Err(Malformed::Encoding),
            _ => {}
        }
    }
    if rest.is_empty() {
        Ok(())
    } else {
        Err(Malformed::Encoding)
    }
}

/// Major type and argument of the next item (RFC 8949 §3).
fn take_head(rest: &mut &[u8]) -> Result<(u8, u64), Malformed> {
    let (&first, tail) = rest.split_first().ok_or(Malformed::Encoding)?;
    let extra = match first & 0x1f {
        0..=23 => 0,
        24 => 1,
        25 => 2,
        26 => 4,
        27 => 8,
        _ => return Err(Malformed::Encoding),
    };
    let argument = tail.get(..extra).ok_or(Malformed::Encoding)?;
    *rest = &tail[extra..];
    let value = match extra {
        0 => u64::from(first & 0x1f),
        _ => argument
            .iter()
            .fold(0, |value, byte| value << 8 | u64::from(*byte)),
    };
    Ok((first >> 5, value))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Pair {
        a: u64,
        bb: Vec<u8>,
    }

    #[test]
    fn one_value_has_one_encoding() {
        // threat 14
        let good = encode(&Pair { a: 1, bb: vec![2] });
        assert_eq!(decode::<Pair>(&good).unwrap(), Pair { a: 1, bb: vec![2] });
        for bad in [
            "a261611801626262 8102",        // 1 in two bytes
            "a2626262 8102 616101",         // keys out of order
            "a3616101 616101 626262 8102",  // a key twice
            "a3616101 6162 02 626262 8102", // an unknown key
            "bf616101 626262 8102 ff",      // an indefinite map
            "a2616101 626262 9f02ff",       // an indefinite list
            "a2616101 626262 8102 00",      // a trailing byte
            "a2616101 626262 81",           // a tail cut
            "d82aa2616101 6262628102",      // a tag
        ] {
            let bytes = hex::decode(bad.replace(' ', "")).unwrap();
            assert!(decode::<Pair>(&bytes).is_err(), "{bad}");
        }
    }

    #[test]
    fn lengths_and_depth_are_capped_before_anything_is_built() {
        // threat 13
        assert!(decode::<Vec<u64>>(&hex::decode("9bffffffffffffffff").unwrap()).is_err());
        assert!(decode::<Vec<u64>>(&hex::decode("5b7fffffffffffffff").unwrap()).is_err());
        let deep = [vec![0x81; 40], vec![0x00]].concat();
        assert_eq!(check_structure(&deep), Err(Malformed::TooDeep));
    }
}
