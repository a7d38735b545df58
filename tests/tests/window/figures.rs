//! A long list against a short one, in the real window: `cargo xtask bench window` prints it. Times
//! are reported and not asserted: machines differ.

use fantoccini::key::Key;
use serde_json::Value;

use crate::screen::{Screen, Window};

/// Entries of the short list and of the long one.
const LISTS: [usize; 2] = [100, 100_000];
/// What one import takes.
const PART: usize = 10_000;
/// Typed letter by letter, and taken away again.
const QUERY: &str = "variable_77";
const ROUNDS: usize = 6;

/// `measure` ends when the main thread has done all that the next picture needs; beside it, a pulse
/// notes for how long the page could not have answered anything else.
const STOPWATCH: &str = r"
    const paint = new MessageChannel(), pulse = new MessageChannel();
    const took = [], stuck = [];
    let last = performance.now(), longest = 0;
    pulse.port1.onmessage = () => {
        const now = performance.now();
        longest = Math.max(longest, now - last);
        last = now;
        pulse.port2.postMessage(0);
    };
    pulse.port2.postMessage(0);
    const frame = () => new Promise((done) => requestAnimationFrame(() => {
        paint.port1.onmessage = done;
        paint.port2.postMessage(0);
    }));
    const measure = async () => {
        const from = performance.now();
        longest = 0;
        await frame();
        took.push(performance.now() - from);
        stuck.push(longest);
    };
    const figures = () => ({ took: took.splice(0), stuck: stuck.splice(0) });
    const stopwatch = { measure, figures, key: Promise.resolve() };
    const field = document.querySelector('input[type=search]');
    field.addEventListener('keydown', () => { stopwatch.key = measure() }, true);
    window.stopwatch = stopwatch;
    arguments[0](true);
";

/// Almost a page down in each frame, to the end of the short list and back, or on through the long
/// one; then leaps. No place in sight may be empty.
const SCROLL: &str = r"
    const done = arguments[0];
    const list = document.querySelector('[role=listbox]');
    const box = list.getBoundingClientRect();
    const end = list.scrollHeight - list.clientHeight;
    let blank = 0;
    const to = async (top) => {
        const painted = window.stopwatch.measure();
        list.scrollTop = top;
        await painted;
        for (const part of [0.1, 0.5, 0.9]) {
            const at = document.elementFromPoint(box.left + box.width / 2, box.top + box.height * part);
            if (at?.closest('[role=option]') == null) blank += 1;
        }
    };
    (async () => {
        for (let step = 0; step < 200; step++) {
            const far = step * list.clientHeight * 0.9;
            const onward = Math.floor(far / end) % 2 === 0;
            await to(onward ? far % end : end - (far % end));
        }
        for (let leap = 1; leap <= 50; leap++) await to((end * ((leap * 37) % 50)) / 50);
        done({ ...window.stopwatch.figures(), blank });
    })();
";

/// Milliseconds.
#[derive(Default)]
struct Times {
    took: Vec<f64>,
    stuck: Vec<f64>,
}

impl Times {
    fn add(&mut self, found: &Value) {
        let numbers = |name: &str| {
            let list = found[name].as_array().unwrap();
            list.iter()
                .map(|it| it.as_f64().unwrap())
                .collect::<Vec<f64>>()
        };
        self.took.extend(numbers("took"));
        self.stuck.extend(numbers("stuck"));
    }
}

/// The value below which so many of a hundred lie.
fn percentile(times: &[f64], hundredth: usize) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[(sorted.len() - 1) * hundredth / 100]
}

fn compare(what: &str, [few, many]: &[Times; 2]) {
    let (short, long) = (percentile(&few.took, 50), percentile(&many.took, 50));
    println!(
        "{what}: {long:.1} ms against {short:.1} ms, {:.2} times",
        long / short
    );
    println!(
        "  the main thread was busy at a stretch for (p99 of {}): {:.0} ms against {:.0} ms",
        many.stuck.len(),
        percentile(&many.stuck, 99),
        percentile(&few.stuck, 99)
    );
}

/// A vault of so many entries, open in a window.
async fn opened(screen: &Screen, entries: usize) -> Window {
    screen
        .sealfold(["unlock"])
        .with_passphrase()
        .run()
        .success();
    for from in (0..entries).step_by(PART) {
        let lines = from..entries.min(from + PART);
        let text: String = lines
            .map(|it| format!("VARIABLE_{it}=value-{it}\n"))
            .collect();
        screen.home.write("part.env", text);
        let bundle = format!("part-{}/dev", from / PART);
        let import = ["import", "part.env", "-b", &bundle, "--no-input"];
        screen.sealfold(import).run().success();
    }
    let window = screen.open().await;
    window.sees("[role=option]").await;
    window
}

/// Types the query and takes it away again, each key when the one before is painted.
async fn types(window: &Window) -> Value {
    let field = window.sees("input[type=search]").await;
    let erase = char::from(Key::Backspace).to_string();
    let keys = QUERY.chars().map(String::from);
    for key in keys.chain(QUERY.chars().map(|_| erase.clone())) {
        field.send_keys(&key).await.unwrap();
        let painted = "const done = arguments[0]; window.stopwatch.key.then(() => done(true))";
        window.asks(painted).await;
    }
    let figures = "arguments[0](window.stopwatch.figures())";
    window.asks(figures).await
}

#[tokio::test]
#[ignore = "measures: cargo xtask bench window"]
#[allow(clippy::print_stdout, reason = "figures are its result")]
async fn of_a_long_list() {
    let (Some(few), Some(many)) = (Screen::prepared(), Screen::prepared()) else {
        return;
    };
    let windows = [opened(&few, LISTS[0]).await, opened(&many, LISTS[1]).await];
    let (mut keys, mut scrolls) = (<[Times; 2]>::default(), <[Times; 2]>::default());
    for window in &windows {
        window.asks(STOPWATCH).await;
    }
    for round in 0..=ROUNDS {
        for (at, window) in windows.iter().enumerate() {
            let typed = types(window).await;
            let scrolled = window.asks(SCROLL).await;
            assert_eq!(scrolled["blank"], 0, "rows were missing while scrolling");
            // The first round warms the caches.
            if round > 0 {
                keys[at].add(&typed);
                scrolls[at].add(&scrolled);
            }
        }
    }
    println!("{} entries against {}", LISTS[1], LISTS[0]);
    compare("a key in the search, to the picture", &keys);
    compare("a page further in the list, to the picture", &scrolls);
}
