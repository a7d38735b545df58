//! Other encodings of what an encoding says, and encodings of nearly the same (threat 14).

/// Other encodings of the same value, and encodings of nearly the same.
pub(super) fn variants(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut items = Vec::new();
    assert_eq!(walk(bytes, 0, &mut items), bytes.len());
    let splice = |from: usize, to: usize, new: &[u8]| [&bytes[..from], new, &bytes[to..]].concat();
    let mut variants = vec![
        ("a trailing byte".to_owned(), [bytes, &[0]].concat()),
        ("nothing at all".to_owned(), Vec::new()),
        ("another value in front".to_owned(), [&[0], bytes].concat()),
    ];
    for Item {
        at,
        head,
        major,
        value,
        end,
        ref pairs,
    } in items
    {
        let long = match head {
            1 if value < 24 => [&[major << 5 | 24][..], &[value as u8]].concat(),
            1 | 2 => [&[major << 5 | 25][..], &(value as u16).to_be_bytes()].concat(),
            3 => [&[major << 5 | 26][..], &(value as u32).to_be_bytes()].concat(),
            _ => [&[major << 5 | 27][..], &value.to_be_bytes()].concat(),
        };
        if head < 9 && major < 6 {
            variants.push((format!("a long head at {at}"), splice(at, at + head, &long)));
        }
        variants.push((format!("a tag at {at}"), splice(at, at, &[0xc1])));
        if (2..=5).contains(&major) {
            let content = match major {
                2 | 3 => bytes[at..end].to_vec(),
                _ => bytes[at + head..end].to_vec(),
            };
            let indefinite = [&[major << 5 | 31][..], &content, &[0xff]].concat();
            variants.push((format!("indefinite at {at}"), splice(at, end, &indefinite)));
        }
        if let [first, rest @ ..] = pairs.as_slice() {
            let more = major << 5 | (value as u8 + 1);
            let first_pair = &bytes[first.0..first.1];
            let twice = [&[more][..], first_pair, &bytes[first.0..end]].concat();
            variants.push((format!("a key twice at {at}"), splice(at, end, &twice)));
            let unknown = [
                &[more][..],
                &bytes[at + 1..end],
                b"\x78\x18zzzzzzzzzzzzzzzzzzzzzzzz\x00",
            ]
            .concat();
            variants.push((format!("an unknown key at {at}"), splice(at, end, &unknown)));
            let absent = [&[more][..], b"\x64prev\xf6", &bytes[at + 1..end]].concat();
            variants.push((
                format!("a null for nothing at {at}"),
                splice(at, end, &absent),
            ));
            let fewer = [&[major << 5 | (value as u8 - 1)][..], &bytes[first.1..end]].concat();
            variants.push((format!("a key too few at {at}"), splice(at, end, &fewer)));
            if let [second, ..] = rest {
                let swapped = [&bytes[second.0..second.1], first_pair].concat();
                variants.push((
                    format!("keys swapped at {at}"),
                    splice(first.0, second.1, &swapped),
                ));
            }
        }
    }
    variants
}

/// One item of an encoding: where it stands, its head's length, and the pairs of a map.
struct Item {
    at: usize,
    head: usize,
    major: u8,
    value: u64,
    end: usize,
    pairs: Vec<(usize, usize)>,
}

/// Lists the item at a place and all in it; gives where it ends.
fn walk(bytes: &[u8], at: usize, items: &mut Vec<Item>) -> usize {
    let (major, info) = (bytes[at] >> 5, bytes[at] & 31);
    let extra = if info < 24 { 0 } else { 1 << (info - 24) };
    let head = 1 + extra;
    let argument = bytes[at + 1..at + head]
        .iter()
        .fold(0, |value, byte| value << 8 | u64::from(*byte));
    let value = if extra == 0 {
        u64::from(info)
    } else {
        argument
    };
    let (mut end, mut pairs, nth) = (at + head, Vec::new(), items.len());
    items.push(Item {
        at,
        head,
        major,
        value,
        end,
        pairs: Vec::new(),
    });
    match major {
        2 | 3 => end += usize::try_from(value).unwrap(),
        4 => (0..value).for_each(|_| end = walk(bytes, end, items)),
        5 => {
            for _ in 0..value {
                let start = end;
                end = walk(bytes, end, items);
                end = walk(bytes, end, items);
                pairs.push((start, end));
            }
        }
        _ => {}
    }
    (items[nth].end, items[nth].pairs) = (end, pairs);
    end
}
