//! Our own vectors, in `tests/vectors/crypto/`: what was once made opens for ever.
//!
//! Each file is a list of cases: what goes in, and what comes out. A file that has been released is
//! never changed; new cases are added. `cargo test -p sealfold-crypto write_vectors -- --ignored`
//! writes files that aren't there yet, and only those.

use std::{fs, path::PathBuf};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    DeviceSecret, ExchangeSecret, KdfParams, KeyId, MemberSeed, Purpose, RecoveryKey, SecretBytes,
    SecretText, SecretVec, Signed, Wrapped, derive, derive_password_key, hash, key_id, keyed_hash,
    open, pad, seal::seal_with_salt, sign, unpad, unwrap, wrap,
};

fn file(name: &str) -> PathBuf {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/crypto");
    PathBuf::from(root).join(name)
}

fn read<Case: DeserializeOwned>(name: &str) -> Vec<Case> {
    let cases: Vec<Case> = serde_json::from_slice(&fs::read(file(name)).unwrap()).unwrap();
    assert!(!cases.is_empty());
    cases
}

fn write<Case: Serialize>(name: &str, cases: &[Case]) {
    if !file(name).exists() {
        fs::create_dir_all(file("")).unwrap();
        let mut text = serde_json::to_string_pretty(cases).unwrap();
        text.push('\n');
        fs::write(file(name), text).unwrap();
    }
}

/// Bytes as hex text in a file.
#[derive(Clone, Serialize, Deserialize)]
struct Hex(String);

impl Hex {
    fn of(bytes: &[u8]) -> Self {
        Self(hex::encode(bytes))
    }

    fn bytes(&self) -> Vec<u8> {
        hex::decode(&self.0).unwrap()
    }

    fn array<const N: usize>(&self) -> [u8; N] {
        self.bytes().try_into().unwrap()
    }

    fn secret<const N: usize>(&self) -> SecretBytes<N> {
        SecretBytes::from_slice(&self.bytes()).unwrap()
    }
}

fn purpose(label: &str) -> Purpose {
    let mut all = Purpose::ALL.iter();
    *all.find(|purpose| purpose.label() == label).unwrap()
}

/// `len` bytes that count up from `first`.
fn counting(first: u8, len: usize) -> Vec<u8> {
    (0..len).map(|i| first.wrapping_add(i as u8)).collect()
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    key: Hex,
    purpose: String,
    aad: Hex,
    plaintext: Hex,
    salt: Hex,
    sealed: Hex,
}

#[test]
fn seal_vectors() {
    for case in read::<Sealed>("seal.json") {
        let (key, purpose, aad) = (case.key.secret(), purpose(&case.purpose), case.aad.bytes());
        let (plaintext, sealed) = (case.plaintext.bytes(), case.sealed.bytes());
        let again = seal_with_salt(&key, purpose, &aad, &plaintext, &case.salt.array());
        assert_eq!(again, sealed);
        assert_eq!(
            open(&key, purpose, &aad, &sealed).unwrap().expose(),
            plaintext
        );
    }
}

fn make_seals() {
    let case = |purpose: Purpose, aad: &[u8], plaintext: &[u8]| {
        let (key, salt) = (counting(0x10, 32), counting(0xa0, 32));
        let sealed = seal_with_salt(
            &SecretBytes::from_slice(&key).unwrap(),
            purpose,
            aad,
            plaintext,
            salt.as_slice().try_into().unwrap(),
        );
        Sealed {
            key: Hex::of(&key),
            purpose: purpose.label().into(),
            aad: Hex::of(aad),
            plaintext: Hex::of(plaintext),
            salt: Hex::of(&salt),
            sealed: Hex::of(&sealed),
        }
    };
    let cases = [
        case(Purpose::EntryVersion, b"team, bundle, entry", b"value"),
        case(Purpose::EntryVersion, b"", b""),
        case(Purpose::OpBody, b"outer", &counting(0, 300)),
        case(Purpose::DbRecord, b"row", &counting(1, 252)),
    ];
    write("seal.json", &cases);
}

/// The text is `len` bytes that count up from 1.
#[derive(Serialize, Deserialize)]
struct Padded {
    len: usize,
    padded_len: usize,
    padded_blake3: Hex,
}

#[test]
fn pad_vectors() {
    for case in read::<Padded>("pad.json") {
        let text = counting(1, case.len);
        let padded = pad(&text);
        assert_eq!(padded.len(), case.padded_len);
        let digest = blake3::hash(padded.expose());
        assert_eq!(*digest.as_bytes(), case.padded_blake3.array());
        assert_eq!(unpad(padded).unwrap().expose(), text);
    }
}

fn make_pads() {
    let cases = [0, 1, 252, 253, 4092, 4093, 8189, 65_533, 1_000_000].map(|len| {
        let padded = pad(&counting(1, len));
        Padded {
            len,
            padded_len: padded.len(),
            padded_blake3: Hex::of(blake3::hash(padded.expose()).as_bytes()),
        }
    });
    write("pad.json", &cases);
}

/// For every purpose: a hash, the subkey and a keyed hash under it.
#[derive(Serialize, Deserialize)]
struct Derived {
    purpose: String,
    message: Hex,
    hash: Hex,
    key: Hex,
    derived: Hex,
    derived_key_id: Hex,
    keyed_hash: Hex,
}

impl Derived {
    fn of(purpose: Purpose, message: &[u8], key: &[u8]) -> Self {
        let derived = derive(&SecretBytes::from_slice(key).unwrap(), purpose);
        Self {
            purpose: purpose.label().into(),
            message: Hex::of(message),
            hash: Hex::of(&hash(purpose, message)),
            key: Hex::of(key),
            derived: Hex::of(derived.expose()),
            derived_key_id: Hex::of(key_id(&derived).as_bytes()),
            keyed_hash: Hex::of(&keyed_hash(&derived, message)),
        }
    }
}

#[test]
fn derive_vectors() {
    for case in read::<Derived>("derive.json") {
        let (message, key) = (case.message.bytes(), case.key.bytes());
        let again = Derived::of(purpose(&case.purpose), &message, &key);
        assert_eq!(again.hash.0, case.hash.0);
        assert_eq!(again.derived.0, case.derived.0);
        assert_eq!(again.derived_key_id.0, case.derived_key_id.0);
        assert_eq!(again.keyed_hash.0, case.keyed_hash.0);
    }
}

fn make_derived() {
    let each = |purpose: &Purpose| Derived::of(*purpose, b"message", &counting(0x10, 32));
    let cases: Vec<_> = Purpose::ALL.iter().map(each).collect();
    write("derive.json", &cases);
}

#[derive(Serialize, Deserialize)]
struct Recovered {
    words: String,
    ed25519: Hex,
    x25519: Hex,
    device_id: Hex,
    slot_secret: Hex,
}

impl Recovered {
    fn of(words: &str) -> Self {
        let key = RecoveryKey::from_words(words).unwrap();
        assert_eq!(key.to_words().expose(), words);
        let public = key.device().public();
        Self {
            words: words.into(),
            ed25519: Hex::of(public.signing.as_bytes()),
            x25519: Hex::of(public.exchange.as_bytes()),
            device_id: Hex::of(&public.device_id()),
            slot_secret: Hex::of(key.slot_secret().expose()),
        }
    }
}

#[test]
fn recovery_vectors() {
    for case in read::<Recovered>("recovery.json") {
        let again = Recovered::of(&case.words);
        assert_eq!(again.ed25519.0, case.ed25519.0);
        assert_eq!(again.x25519.0, case.x25519.0);
        assert_eq!(again.device_id.0, case.device_id.0);
        assert_eq!(again.slot_secret.0, case.slot_secret.0);
    }
}

fn make_recovered() {
    let cases = [
        "hamster diagram private dutch cause delay private meat slide toddler razor book happy fancy gospel tennis maple dilemma loan word shrug inflict delay length",
        "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo vote",
    ]
    .map(Recovered::of);
    write("recovery.json", &cases);
}

#[derive(Serialize, Deserialize)]
struct Enveloped {
    device: Hex,
    device_id: Hex,
    purpose: String,
    payload: Hex,
    envelope: Hex,
}

#[test]
fn envelope_vectors() {
    for case in read::<Enveloped>("envelope.json") {
        let device = DeviceSecret::from_bytes(&case.device.secret());
        let (purpose, payload) = (purpose(&case.purpose), case.payload.bytes());
        let envelope = case.envelope.bytes();
        assert_eq!(sign(&device, purpose, &payload), envelope);
        let signed = Signed::parse(envelope).unwrap();
        let verified = signed.verify_and_open(purpose).unwrap();
        assert_eq!(verified.payload(), payload);
        assert_eq!(verified.signer().device_id(), case.device_id.array());
    }
}

fn make_envelopes() {
    let case = |purpose: Purpose, payload: &[u8]| {
        let secret = counting(0x40, 64);
        let device = DeviceSecret::from_bytes(&SecretBytes::from_slice(&secret).unwrap());
        Enveloped {
            device: Hex::of(&secret),
            device_id: Hex::of(&device.public().device_id()),
            purpose: purpose.label().into(),
            payload: Hex::of(payload),
            envelope: Hex::of(&sign(&device, purpose, payload)),
        }
    };
    let cases = [
        case(Purpose::OpSignature, b"an op"),
        case(Purpose::OpSignature, b""),
        case(Purpose::RecoveryStatement, &counting(0, 64)),
    ];
    write("envelope.json", &cases);
}

/// A wrap is random, so it is only unwrapped again.
#[derive(Serialize, Deserialize)]
struct Unwrapped {
    member_seed: Hex,
    context: Hex,
    wrapped: Hex,
    recipient_key_id: Hex,
    key_id: Hex,
    key: Hex,
}

impl Unwrapped {
    fn recipient(seed: SecretBytes<32>) -> ExchangeSecret {
        MemberSeed::new(seed).exchange()
    }
}

#[test]
fn wrap_vectors() {
    for case in read::<Unwrapped>("wrap.json") {
        let recipient = Unwrapped::recipient(case.member_seed.secret());
        let name = recipient.public().recipient_key_id();
        assert_eq!(*name.as_bytes(), case.recipient_key_id.array());
        let wrapped = Wrapped::from_slice(&case.wrapped.bytes()).unwrap();
        let id = KeyId::from_bytes(case.key_id.array());
        let key = unwrap(&recipient, &case.context.bytes(), &wrapped, id).unwrap();
        assert_eq!(key, case.key.secret());
    }
}

fn make_wraps() {
    let (seed, key) = (counting(0x20, 32), counting(0x60, 32));
    let recipient = Unwrapped::recipient(SecretBytes::from_slice(&seed).unwrap());
    let secret = SecretBytes::from_slice(&key).unwrap();
    let context = b"team, kind, recipient".as_slice();
    let wrapped = wrap(&recipient.public(), context, &secret).unwrap();
    let case = Unwrapped {
        member_seed: Hex::of(&seed),
        context: Hex::of(context),
        wrapped: Hex::of(wrapped.as_bytes()),
        recipient_key_id: Hex::of(recipient.public().recipient_key_id().as_bytes()),
        key_id: Hex::of(key_id(&secret).as_bytes()),
        key: Hex::of(&key),
    };
    write("wrap.json", &[case]);
}

#[derive(Serialize, Deserialize)]
struct Password {
    passphrase_utf8: Hex,
    salt: Hex,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    key: Hex,
}

impl Password {
    fn derive(&self) -> SecretBytes<32> {
        let passphrase = SecretVec::new(self.passphrase_utf8.bytes());
        let params = KdfParams {
            memory_kib: self.memory_kib,
            passes: self.passes,
            lanes: self.lanes,
        };
        let passphrase = SecretText::from_utf8(passphrase).unwrap();
        derive_password_key(&passphrase, &self.salt.array(), params).unwrap()
    }
}

#[test]
fn password_vectors() {
    for case in read::<Password>("password.json") {
        assert_eq!(case.derive(), case.key.secret());
    }
}

fn make_passwords() {
    let case = |passphrase: &str, params: KdfParams| {
        let mut case = Password {
            passphrase_utf8: Hex::of(passphrase.as_bytes()),
            salt: Hex::of(&counting(0xc0, 32)),
            memory_kib: params.memory_kib,
            passes: params.passes,
            lanes: params.lanes,
            key: Hex::of(&[]),
        };
        case.key = Hex::of(case.derive().expose());
        case
    };
    let cases = [
        case("correct horse battery staple", KdfParams::DEFAULT),
        case("gru\u{308}n", KdfParams::READ_MIN),
        case("grün", KdfParams::READ_MIN),
        case("", KdfParams::READ_MIN),
    ];
    assert_eq!(cases[1].key.0, cases[2].key.0);
    write("password.json", &cases);
}

#[test]
#[ignore = "writes the vectors that aren't there yet"]
fn write_vectors() {
    make_seals();
    make_pads();
    make_derived();
    make_recovered();
    make_envelopes();
    make_wraps();
    make_passwords();
}
