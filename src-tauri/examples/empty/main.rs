//! A window with nothing in it, built as ours is: what `cargo xtask bench window` compares with.

use tauri::Builder;

fn main() {
    let context = tauri::generate_context!("examples/empty/tauri.conf.json");
    Builder::default()
        .run(context)
        .expect("a display to open a window on");
}
