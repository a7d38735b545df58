//! Names that a person can't tell apart (threat 38): different characters, the same shapes.

use unicode_security::skeleton;

/// Whether two different names read alike: their skeletons are the same (UTS 39, section 4), as they
/// are written or in small letters. A name and itself, or the same in other case, are one name.
pub fn read_alike(one: &str, other: &str) -> bool {
    let (small_one, small_other) = (one.to_lowercase(), other.to_lowercase());
    small_one != small_other
        && (skeleton(one).eq(skeleton(other)) || skeleton(&small_one).eq(skeleton(&small_other)))
}

#[cfg(test)]
mod tests {
    use super::read_alike;

    // threat 38
    #[test]
    fn names_of_the_same_shape_read_alike() {
        let alike = [
            ("bob", "b\u{43e}b"),
            ("paypal", "\u{440}\u{430}ypal"),
            ("Ilya", "llya"),
            ("api", "\u{430}\u{440}\u{456}"),
            ("dev1", "devl"),
            ("jose\u{301}", "jos\u{e9}"),
        ];
        for (one, other) in alike {
            assert!(
                read_alike(one, other) && read_alike(other, one),
                "{one} {other}"
            );
        }
    }

    #[test]
    fn other_names_do_not() {
        for (one, other) in [
            ("bob", "bob"),
            ("bob", "Bob"),
            ("bob", "rob"),
            ("api/dev", "api/prod"),
            ("\u{43a}\u{43b}\u{44e}\u{447}", "klyuch"),
            ("", "a"),
        ] {
            assert!(!read_alike(one, other), "{one} {other}");
        }
    }
}
