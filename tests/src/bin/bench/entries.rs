//! Many entries at once, and one among few or many, in this process.

use std::time::Duration;

use app::entries::{NewValue, Set};
use app::transfer::{Environment, Import, Selection};
use app::vaults::{Key, Unlock};
use app::{Door, DoorOptions, Home as Places, Plaintext};
use crypto::{Purpose, SecretBytes};
use sealfold_tests::home::{Home, PASSPHRASE};
use sqlx::{Connection, SqliteConnection};

use crate::measure::{Report, median, show, time};

const MANY: usize = 10_000;
const BUNDLE: &str = "bench/dev";

/// The paths of a home.
pub fn places(home: &Home) -> Places {
    crate::unlock::find(home)
}

/// A door to the open vault of a home.
fn open(home: &Home) -> Door {
    let mut door = Door::here(places(home), DoorOptions::default());
    let key = Key::Passphrase(Plaintext::from_text(PASSPHRASE.to_owned()));
    door.ask(Unlock {
        key,
        ttl_seconds: None,
        full_check: true,
    })
    .unwrap();
    door
}

fn value(n: usize) -> String {
    format!("value-{n}-0123456789abcdef0123456789abcdef")
}

fn dotenv(from: usize, count: usize) -> Plaintext {
    Plaintext::from_text(
        (from..from + count)
            .map(|n| format!("VARIABLE_{n}={}\n", value(n)))
            .collect(),
    )
}

fn import(door: &mut Door, data: Plaintext) {
    let bundle = Some(BUNDLE.to_owned());
    let source = "bench.env".to_owned();
    door.ask(Import {
        bundle,
        data,
        source,
        unverified: false,
        dialect: None,
        interpolate: false,
        dry_run: false,
    })
    .unwrap();
}

/// Fills the vault of a home.
pub fn fill(home: &Home, count: usize) {
    import(&mut open(home), dotenv(0, count));
}

/// About what a variable's content is, encoded.
fn plaintext(n: usize) -> Vec<u8> {
    let mut content = vec![0; 110];
    content.extend_from_slice(format!("VARIABLE_{n}{}", value(n)).as_bytes());
    content
}

pub fn in_bulk_and_one_by_one(report: &mut Report) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (mut imports, mut opens, mut seals, mut inserts, mut bare_opens, mut reads) = (
        Vec::new(),
        Vec::new(),
        Vec::new(),
        Vec::new(),
        Vec::new(),
        Vec::new(),
    );
    let (mut file_bytes, mut padded_bytes) = (0, 0);
    for _ in 0..5 {
        let home = Home::prepared();
        let file = home.sealfold_home().join("vault.sealfold");
        let before = std::fs::metadata(&file).unwrap().len();
        let mut door = open(&home);
        let data = dotenv(0, MANY);
        imports.push(time(|| import(&mut door, data)));
        let all = Environment {
            selection: Selection {
                bundle: Some(BUNDLE.to_owned()),
                ..Selection::default()
            },
            program: "bench".to_owned(),
        };
        opens.push(time(|| {
            assert_eq!(door.ask(all).unwrap().variables.len(), MANY)
        }));
        drop(door);
        file_bytes = std::fs::metadata(&file).unwrap().len() - before;

        let key = SecretBytes::<32>::make();
        let texts: Vec<Vec<u8>> = (0..MANY).map(plaintext).collect();
        padded_bytes = texts
            .iter()
            .map(|text| crypto::padded_len(text.len()) as u64)
            .sum();
        let mut sealed = Vec::new();
        seals.push(time(|| {
            sealed = texts
                .iter()
                .map(|text| crypto::seal(&key, Purpose::EntryVersion, &[0; 170], text))
                .collect()
        }));
        let bare = home.path().join("bare.sqlite");
        inserts.push(runtime.block_on(insert(&bare, &sealed)));
        let (read, took) = runtime.block_on(read(&bare));
        reads.push(took);
        bare_opens.push(time(|| {
            for sealed in &read {
                drop(crypto::open(&key, Purpose::EntryVersion, &[0; 170], sealed).unwrap());
            }
        }));
    }
    let (seal, insert, open, read) = (
        median(seals),
        median(inserts),
        median(bare_opens),
        median(reads),
    );
    println!(
        "  {MANY} bare: seals {}, inserts {}, opens {}, reads {}",
        show(seal),
        show(insert),
        show(open),
        show(read)
    );
    report.ratio(
        "import of 10,000, against their seals + bare inserts",
        median(imports),
        seal + insert,
        2.0,
    );
    report.ratio(
        "opening 10,000, against their opens + reads",
        median(opens),
        open + read,
        2.0,
    );
    report.figure(
        "vault file, against the padded plaintext",
        file_bytes as f64 / padded_bytes as f64,
        4.0,
    );
    one_by_one(report);
}

/// A bare insert of the same bytes, synced like ours.
async fn insert(path: &std::path::Path, sealed: &[Vec<u8>]) -> Duration {
    let mut connection =
        SqliteConnection::connect(&format!("sqlite://{}?mode=rwc", path.display()))
            .await
            .unwrap();
    sqlx::query("PRAGMA journal_mode = WAL")
        .execute(&mut connection)
        .await
        .unwrap();
    sqlx::query("CREATE TABLE bare (id BLOB PRIMARY KEY, sealed BLOB) STRICT")
        .execute(&mut connection)
        .await
        .unwrap();
    let start = std::time::Instant::now();
    let mut transaction = connection.begin().await.unwrap();
    for sealed in sealed {
        let id = crypto::make_bytes::<16>();
        let insert = sqlx::query("INSERT INTO bare VALUES (?, ?)")
            .bind(id.as_slice())
            .bind(sealed.as_slice());
        insert.execute(&mut *transaction).await.unwrap();
    }
    transaction.commit().await.unwrap();
    let took = start.elapsed();
    connection.close().await.unwrap();
    took
}

async fn read(path: &std::path::Path) -> (Vec<Vec<u8>>, Duration) {
    let mut connection = SqliteConnection::connect(&format!("sqlite://{}", path.display()))
        .await
        .unwrap();
    let start = std::time::Instant::now();
    let rows = sqlx::query_scalar("SELECT sealed FROM bare")
        .fetch_all(&mut connection)
        .await
        .unwrap();
    let took = start.elapsed();
    connection.close().await.unwrap();
    (rows, took)
}

/// One `set` in a vault of 100,000 entries, against one in a vault of 100.
fn one_by_one(report: &mut Report) {
    let (few, many) = (Home::prepared(), Home::prepared());
    let mut few_door = open(&few);
    let mut many_door = open(&many);
    import(&mut few_door, dotenv(0, 100));
    for part in 0..10 {
        import(&mut many_door, dotenv(part * MANY, MANY));
    }
    let mut round = 0;
    let mut set = |door: &mut Door| {
        round += 1;
        let given = Plaintext::from_text(format!("{round}-{}", value(round)));
        let wish = Set {
            bundle: Some(BUNDLE.to_owned()),
            name: format!("VARIABLE_{}", round % 100),
            kind: None,
            fields: vec![(String::new(), NewValue::Given(given))],
            without_fields: Vec::new(),
            tags: None,
            metadata: app::entries::Metadata::default(),
            expected_version: None,
            dry_run: false,
        };
        door.ask(wish).unwrap();
    };
    let (mut of_few, mut of_many) = (Vec::new(), Vec::new());
    for _ in 0..100 {
        of_many.push(time(|| set(&mut many_door)));
        of_few.push(time(|| set(&mut few_door)));
    }
    report.ratio(
        "one set among 100,000, against one among 100",
        median(of_many),
        median(of_few),
        2.0,
    );
}
