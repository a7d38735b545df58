//! Public values on the wire: each is one byte string of its fixed length. Secrets have no such form.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use serde_bytes::Bytes;

use crate::{DevicePublic, ExchangePublic, KeyId, Wrapped};

/// Reads borrowed byte strings only, which is what decoding from a slice gives.
macro_rules! as_byte_string {
    ($name:ident, $bytes:ident) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_bytes(self.$bytes().as_slice())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let bytes = <&Bytes>::deserialize(deserializer)?;
                <[u8; _]>::try_from(bytes.as_ref())
                    .map(Self::from_bytes)
                    .map_err(|_| D::Error::custom(concat!(stringify!($name), " of another length")))
            }
        }
    };
}

as_byte_string!(KeyId, as_bytes);
as_byte_string!(ExchangePublic, as_bytes);
as_byte_string!(DevicePublic, to_bytes);
as_byte_string!(Wrapped, as_bytes);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fmt::Debug;

    use serde::de::DeserializeOwned;
    use serde_ipld_dagcbor::{from_slice, to_vec};

    use super::*;
    use crate::DeviceSecret;

    fn comes_back<Value: Serialize + DeserializeOwned + PartialEq + Debug>(
        value: &Value,
        len: usize,
    ) {
        let encoded = to_vec(value).unwrap();
        assert_eq!(from_slice::<Value>(&encoded).unwrap(), *value);

        let byte_string = |len| to_vec(Bytes::new(&vec![1; len])).unwrap();
        assert_eq!(encoded.len(), byte_string(len).len());
        assert!(from_slice::<Value>(&byte_string(len)).is_ok());
        assert!(from_slice::<Value>(&byte_string(len - 1)).is_err());
        assert!(from_slice::<Value>(&byte_string(len + 1)).is_err());
        assert!(from_slice::<Value>(&to_vec(&vec![1; len]).unwrap()).is_err());
    }

    #[test]
    fn each_is_a_byte_string_of_its_length() {
        let device = DeviceSecret::make().public();
        comes_back(&KeyId::from_bytes([1; 16]), 16);
        comes_back(&device.exchange, 32);
        comes_back(&device, 64);
        comes_back(&Wrapped::from_bytes([2; 80]), 80);
    }
}
