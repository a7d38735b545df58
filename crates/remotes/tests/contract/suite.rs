//! What holds of every remote. Each case has a folder of its own.

use futures_util::future::join_all;
use remotes::{Creation, Fetched, Listing, MAX_OBJECT, ObjectName, Remote, RemoteError};

use crate::places::Place;
use crate::{name, prefix};

/// Enough for every object of the suite but the large one.
const LIMIT: u64 = 1 << 16;

pub async fn all(place: &impl Place) {
    eprintln!("nothing is there at first");
    nothing_is_there_at_first(place).await;
    eprintln!("what one creates, another gets");
    what_one_creates_another_gets(place).await;
    eprintln!("nothing is overwritten");
    nothing_is_overwritten(place).await;
    eprintln!("a listing goes on after a name");
    a_listing_goes_on_after_a_name(place).await;
    eprintln!("sizes are bounded");
    sizes_are_bounded(place).await;
    eprintln!("bytes are kept as they are");
    bytes_are_kept_as_they_are(place).await;
    eprintln!("many at once");
    many_at_once(place).await;
    eprintln!("writers of one name");
    writers_of_one_name(place).await;
    eprintln!("writers of several names");
    writers_of_several_names(place).await;
    eprintln!("one client used from many tasks");
    one_client_used_from_many_tasks(place).await;
}

pub fn names(listing: &Listing) -> Vec<&str> {
    listing.objects.iter().map(|it| it.name.as_str()).collect()
}

async fn get(remote: &Remote, name: &ObjectName) -> Vec<u8> {
    remote.get(name, LIMIT).await.unwrap()
}

async fn nothing_is_there_at_first(place: &impl Place) {
    let remote = place.connect();
    let listing = remote.list(&prefix("nothing"), None).await.unwrap();
    assert_eq!(listing, Listing::default());
    let error = remote.get(&name("nothing/x"), LIMIT).await.unwrap_err();
    assert!(matches!(error, RemoteError::NotFound), "{error}");
    assert_eq!(remote.create_many(&[]).await.unwrap(), []);
}

async fn what_one_creates_another_gets(place: &impl Place) {
    let (ann, bob) = (place.connect(), place.connect());
    let all = prefix("seen");
    assert_eq!(names(&bob.list(&all, None).await.unwrap()), [""; 0]);
    let object = name("seen/2026-01-31/a-1-2-ff.seg");
    assert_eq!(
        ann.create(&object, b"one").await.unwrap(),
        Creation::Created
    );
    // She sees it too, without asking anew.
    assert_eq!(get(&ann, &object).await, b"one");
    let listing = bob.list(&all, None).await.unwrap();
    assert_eq!(names(&listing), [object.as_str()]);
    assert_eq!((listing.objects[0].size, listing.stray_count), (3, 0));
    assert_eq!(listing.next, None);
    assert_eq!(get(&bob, &object).await, b"one");
}

async fn nothing_is_overwritten(place: &impl Place) {
    let (ann, bob) = (place.connect(), place.connect());
    let object = name("once/a");
    assert_eq!(
        ann.create(&object, b"one").await.unwrap(),
        Creation::Created
    );
    assert_eq!(
        ann.create(&object, b"one").await.unwrap(),
        Creation::SameAlready
    );
    assert_eq!(
        bob.create(&object, b"one").await.unwrap(),
        Creation::SameAlready
    );
    let different = Creation::DifferentAlready;
    for bytes in [b"two".as_slice(), b"", b"on", b"one and more"] {
        assert_eq!(bob.create(&object, bytes).await.unwrap(), different);
        assert_eq!(ann.create(&object, bytes).await.unwrap(), different);
    }
    assert_eq!(get(&place.connect(), &object).await, b"one");
    // Each by itself, in a call with others; a name twice in one call too.
    let mixed = [
        (object.clone(), b"one".to_vec()),
        (object.clone(), b"two".to_vec()),
        (name("once/b"), b"b".to_vec()),
    ];
    let expected = [Creation::SameAlready, different, Creation::Created];
    assert_eq!(bob.create_many(&mixed).await.unwrap(), expected);
    assert_eq!(get(&ann, &object).await, b"one");
}

async fn a_listing_goes_on_after_a_name(place: &impl Place) {
    let remote = place.connect();
    let objects = [
        "days/2026-01-01/a",
        "days/2026-01-02-x/a",
        "days/2026-01-02/a",
        "days/2026-01-02/b.seg",
        "days/2026-01-02/b/c",
        "days/2026-01-03/a",
        "days2/a",
    ];
    let created = objects.map(|it| (name(it), b"x".to_vec()));
    remote.create_many(&created).await.unwrap();
    let list = async |after: Option<&str>| {
        let listing = remote.list(&prefix("days"), after).await.unwrap();
        names(&listing).join(" ").replace("days/2026-01-", "")
    };
    let all = "01/a 02-x/a 02/a 02/b.seg 02/b/c 03/a";
    assert_eq!(list(None).await, all);
    assert_eq!(list(Some("")).await, all);
    assert_eq!(list(Some("days/")).await, all);
    // `-` comes before `/`.
    assert_eq!(
        list(Some("days/2026-01-02")).await,
        all.replacen("01/a ", "", 1)
    );
    assert_eq!(
        list(Some("days/2026-01-02/")).await,
        "02/a 02/b.seg 02/b/c 03/a"
    );
    assert_eq!(
        list(Some("days/2026-01-02/a")).await,
        "02/b.seg 02/b/c 03/a"
    );
    assert_eq!(
        list(Some("days/2026-01-02/b")).await,
        "02/b.seg 02/b/c 03/a"
    );
    assert_eq!(list(Some("days/2026-01-02/~")).await, "03/a");
    assert_eq!(list(Some("days/2026-01-03/a")).await, "");
    assert_eq!(list(Some("e")).await, "");
    let inner = remote
        .list(&prefix("days/2026-01-02/b"), None)
        .await
        .unwrap();
    assert_eq!(names(&inner), ["days/2026-01-02/b/c"]);
}

// threat 13
async fn sizes_are_bounded(place: &impl Place) {
    let remote = place.connect();
    let objects = [("a", 10), ("b", 1000), ("c", 20), ("d", 30)];
    let created = objects.map(|(it, size)| (name(&format!("sizes/{it}")), vec![b'x'; size]));
    remote.create_many(&created).await.unwrap();
    let [a, b, c, d] = created.each_ref().map(|(it, _)| it.clone());
    assert_eq!(remote.get(&a, 10).await.unwrap().len(), 10);
    let error = remote.get(&a, 9).await.unwrap_err();
    assert!(
        matches!(error, RemoteError::TooLarge { limit: 9 }),
        "{error}"
    );

    let wanted = [a, b, name("sizes/none"), c, d];
    let fetched = remote.get_many(&wanted, 100, 1000).await.unwrap();
    let whole = |size| Fetched::Whole(vec![b'x'; size]);
    let expected = [
        whole(10),
        Fetched::TooLarge,
        Fetched::Absent,
        whole(20),
        whole(30),
    ];
    assert_eq!(fetched, expected);
    // Together at most so much; the rest is asked for again.
    assert_eq!(
        remote.get_many(&wanted, 100, 30).await.unwrap(),
        expected[..4]
    );
    assert_eq!(
        remote.get_many(&wanted[3..], 100, 1).await.unwrap(),
        [whole(20)]
    );

    let large = remote
        .create(&name("sizes/e"), &vec![0; MAX_OBJECT + 1])
        .await;
    assert!(matches!(large, Err(RemoteError::TooLarge { .. })));
}

async fn bytes_are_kept_as_they_are(place: &impl Place) {
    let (ann, bob) = (place.connect(), place.connect());
    let every: Vec<u8> = (0..=255).collect();
    let large: Vec<u8> = (0..300_000_u32).flat_map(|it| it.to_le_bytes()).collect();
    let objects = [
        (name("bytes/empty"), Vec::new()),
        (name("bytes/every"), every),
        (name("bytes/ends"), b"a\r\nb\n\n".to_vec()),
        (name("bytes/id"), b"$Id$ $Format:%H$".to_vec()),
        (name("bytes/large"), large),
    ];
    assert_eq!(
        ann.create_many(&objects).await.unwrap(),
        [Creation::Created; 5]
    );
    let wanted = objects.each_ref().map(|(it, _)| it.clone());
    let expected = objects.map(|(_, bytes)| Fetched::Whole(bytes));
    assert_eq!(
        bob.get_many(&wanted, 1 << 24, u64::MAX).await.unwrap(),
        expected
    );
}

async fn many_at_once(place: &impl Place) {
    let (ann, bob) = (place.connect(), place.connect());
    let object = |it: usize| {
        (
            name(&format!("many/{:02x}/{it:04}", it % 7)),
            vec![b'y'; it],
        )
    };
    let mut objects: Vec<_> = (0..150).map(object).collect();
    let created = ann.create_many(&objects).await.unwrap();
    assert_eq!(created, vec![Creation::Created; 150]);
    objects.sort();
    let listing = bob.list(&prefix("many"), None).await.unwrap();
    let expected: Vec<_> = objects
        .iter()
        .map(|(it, bytes)| (it, bytes.len() as u64))
        .collect();
    let found: Vec<_> = listing
        .objects
        .iter()
        .map(|it| (&it.name, it.size))
        .collect();
    assert_eq!(found, expected);
    let wanted: Vec<_> = objects.iter().map(|(it, _)| it.clone()).collect();
    let fetched = bob.get_many(&wanted, LIMIT, u64::MAX).await.unwrap();
    let expected: Vec<_> = objects
        .into_iter()
        .map(|(_, it)| Fetched::Whole(it))
        .collect();
    assert_eq!(fetched, expected);
}

// threat 66
async fn writers_of_one_name(place: &impl Place) {
    if !place.has_one_winner() {
        return;
    }
    let object = name("race/one");
    let clients: Vec<_> = (0..place.writers()).map(|_| place.connect()).collect();
    let write = async |number: usize| {
        let bytes = format!("writer {number}");
        let created = clients[number].create(&object, bytes.as_bytes()).await;
        (created.unwrap(), bytes)
    };
    let results = join_all((0..clients.len()).map(write)).await;
    let (winners, losers): (Vec<_>, Vec<_>) = results
        .into_iter()
        .partition(|(creation, _)| *creation == Creation::Created);
    assert_eq!(winners.len(), 1, "{winners:?}");
    let lost = |(creation, _): &(Creation, String)| *creation == Creation::DifferentAlready;
    assert!(losers.iter().all(lost), "{losers:?}");
    assert_eq!(
        get(&place.connect(), &object).await,
        winners[0].1.as_bytes()
    );
}

// threat 66
async fn writers_of_several_names(place: &impl Place) {
    let clients: Vec<_> = (0..place.writers()).map(|_| place.connect()).collect();
    let write = async |number: usize| {
        let own = |part: &str| name(&format!("race/own/{number:02}-{part}"));
        let shared = (name("race/own/shared"), b"same".to_vec());
        let objects = [(own("a"), vec![1]), shared, (own("b"), vec![2])];
        clients[number].create_many(&objects).await.unwrap()
    };
    let results = join_all((0..clients.len()).map(write)).await;
    for [a, shared, b] in results
        .into_iter()
        .map(|it| <[Creation; 3]>::try_from(it).unwrap())
    {
        assert_eq!((a, b), (Creation::Created, Creation::Created));
        assert_ne!(shared, Creation::DifferentAlready);
    }
    let listing = place
        .connect()
        .list(&prefix("race/own"), None)
        .await
        .unwrap();
    assert_eq!(listing.objects.len(), 2 * clients.len() + 1);
    assert_eq!(listing.stray_count, 0);
}

async fn one_client_used_from_many_tasks(place: &impl Place) {
    let remote = place.connect();
    let work = async |number: usize| {
        let object = name(&format!("tasks/{number}"));
        assert_eq!(
            remote.create(&object, b"x").await.unwrap(),
            Creation::Created
        );
        let listing = remote.list(&prefix("tasks"), None).await.unwrap();
        assert!(names(&listing).contains(&object.as_str()));
        assert_eq!(get(&remote, &object).await, b"x");
    };
    join_all((0..4).map(work)).await;
}
