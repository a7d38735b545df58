//! Which renderer the web view takes: with some drivers its newer one shows an empty window.

use webkit2gtk::glib;

const SWITCH: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

/// Takes the older renderer where nobody said otherwise. The web view's processes inherit it.
///
/// Call it before anything runs on another thread, which might read variables meanwhile.
///
/// # Errors
/// When the variable can't be set.
pub fn choose() -> Result<(), glib::BoolError> {
    glib::setenv(SWITCH, "1", false)
}
