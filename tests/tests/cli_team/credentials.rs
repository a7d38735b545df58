//! Credentials of a bucket are found as the AWS tools find them in the terminal that asks.

use crate::bucket::Bucket;
use crate::people::Person;

// threat 53
#[test]
fn an_agent_is_lent_the_credentials_of_the_terminal_and_holds_them_until_it_locks() {
    let Some(bucket) = Bucket::open() else {
        eprintln!("skipped: the tests' tools hold no S3 server");
        return;
    };
    let ann = Person::new("ann");
    ann.does("bundle new api/dev");
    ann.does(&format!("remote add {}", bucket.arguments()));
    let sync = || ann.call("sync").env("AWS_EC2_METADATA_DISABLED", "true");
    let pid = ann.asks("agent status")["pid"].as_u64().unwrap();
    let refused = sync().run().code(17);
    assert!(refused.stderr.contains("credentials"), "{refused:?}");

    let [id, secret] = bucket.variables();
    let lent = sync().env(id.0, id.1).env(secret.0, secret.1);
    lent.run().success();
    ann.sets("api/dev", "KEY", "one");
    // Its own syncs have them too, and no environment does.
    sync().run().success();
    let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    let holds = |text: &str| {
        environment
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    assert!(!holds(secret.0) && !holds(secret.1));

    ann.does("lock");
    ann.home
        .sealfold(["unlock"])
        .with_passphrase()
        .run()
        .success();
    sync().run().code(17);
}
