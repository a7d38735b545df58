use crate::fixture::*;
use sqlx::Connection;
use team::ids::VersionId;
use vault::*;
#[tokio::test]
#[ignore]
async fn perf() {
    let home = Home::new();
    let mut vault = empty(&home.vault()).await;
    let make = |vault: &Vault, n: u32| -> Vec<Version> { (0..n).map(|i| {
        let mut v = version(vault, 1);
        let r: [u8;16] = crypto::make_bytes();
        v.id = VersionId::from_bytes(r);
        v.entry = team::ids::EntryId::from_bytes(crypto::make_bytes());
        v.name_hash = Some(NameHash::from_bytes(crypto::make_bytes()));
        v.pos = i;
        v
    }).collect() };
    let rows = make(&vault, 10_000);
    let bare = rows.clone();
    let t = std::time::Instant::now();
    vault.commit(Changes { versions: rows, ..Default::default() }, Durability::Durable).await.unwrap();
    println!("commit 10,000: {:?}", t.elapsed());
    let t = std::time::Instant::now();
    for _ in 0..20 { vault.commit(Changes { audit: vec![payload(1)], ..Default::default() }, Durability::Lazy).await.unwrap(); }
    println!("lazy audit commit: {:?}", t.elapsed() / 20);
    let t = std::time::Instant::now();
    for n in 0..20 { vault.commit(Changes { ops: vec![op(n)], ..Default::default() }, Durability::Durable).await.unwrap(); }
    println!("durable op commit: {:?}", t.elapsed() / 20);
    let t = std::time::Instant::now();
    let h = vault.heads(&BUNDLE).await.unwrap();
    println!("heads {}: {:?}", h.len(), t.elapsed());
    let t = std::time::Instant::now();
    for v in &h[..100] { vault.heads_by_name(&BUNDLE, &v.name_hash.unwrap()).await.unwrap(); }
    println!("by name: {:?}", t.elapsed() / 100);
    vault.lock().await.unwrap();
    println!("file {}", std::fs::metadata(home.vault()).unwrap().len());
    for c in [Check::Header, Check::Full] {
        let t = std::time::Instant::now();
        let v = open(&home.vault(), c).await.unwrap();
        println!("open {c:?}: {:?}", t.elapsed());
        v.lock().await.unwrap();
    }
    let t = std::time::Instant::now();
    let l = LockedVault::open(&home.vault()).await.unwrap();
    println!("locked open: {:?}", t.elapsed());
    drop(l);
    // bare: the same bytes, one table, one prepared statement, a blob per row
    let path = home.0.path().join("bare");
    std::fs::write(&path, b"").unwrap();
    let mut c = sqlite(&path).await;
    sqlx::raw_sql("PRAGMA journal_mode=WAL; CREATE TABLE t (id BLOB PRIMARY KEY, entry BLOB, bundle BLOB, op BLOB, author BLOB, key BLOB, name BLOB, sealed BLOB)").execute(&mut c).await.unwrap();
    let t = std::time::Instant::now();
    let mut tx = c.begin().await.unwrap();
    for chunk in bare.chunks(500) {
        let mut q = sqlx::query_builder::QueryBuilder::<sqlx::Sqlite>::new("INSERT INTO t ");
        q.push_values(chunk, |mut b, v| { b.push_bind(v.id.as_bytes().to_vec()).push_bind(v.entry.as_bytes().to_vec()).push_bind(v.bundle.as_bytes().to_vec()).push_bind(v.op.as_bytes().to_vec()).push_bind(v.author.as_bytes().to_vec()).push_bind(v.key.as_bytes().to_vec()).push_bind(v.name_hash.unwrap().as_bytes().to_vec()).push_bind(v.sealed.clone()); });
        q.build().execute(&mut *tx).await.unwrap();
    }
    tx.commit().await.unwrap();
    println!("bare multi-row: {:?}", t.elapsed());
    let key = crypto::SecretBytes::make();
    let t = std::time::Instant::now();
    for _ in 0..10_000 { std::hint::black_box(crypto::seal(&key, crypto::Purpose::EntryVersion, b"aad", &[0; 200])); }
    println!("seals: {:?}", t.elapsed());
    let mut vault = open(&home.vault(), Check::Full).await.unwrap();
    let states = bare.iter().map(|v| (v.id, VersionState::Superseded)).collect();
    let t = std::time::Instant::now();
    vault.commit(Changes { version_states: states, ..Default::default() }, Durability::Durable).await.unwrap();
    println!("supersede 10,000: {:?}", t.elapsed());
}
