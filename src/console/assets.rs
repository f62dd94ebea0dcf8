//! The console's static files: embedded, compressed, and served under names that hold a hash of
//! their content, so that browsers may keep them for ever.

use std::sync::LazyLock;

use axum::Router;
use memory_serve::{Manifest, MemoryServe};

/// Path under which the static files are mounted.
pub const MOUNT: &str = "/static";

/// The script modules that every page loads; each finds its own elements, or does nothing.
pub const SCRIPTS: &[&str] = &[
    "/activity.js",
    "/connect.js",
    "/consequences.js",
    "/copy.js",
    "/lab.js",
    "/preset.js",
    "/preview.js",
    "/progress.js",
    "/times.js",
];

static MANIFEST: LazyLock<Manifest> = LazyLock::new(|| files().manifest());

/// Serves the static files, to be nested under [`MOUNT`].
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    files().into_router()
}

/// The address of a static file, with the hash of its content.
pub fn url(file: &str) -> String {
    format!("{MOUNT}{}", MANIFEST.get(file).unwrap_or(file))
}

#[expect(unused_qualifications, reason = "generated code")]
fn files() -> MemoryServe {
    memory_serve::load!()
        .index_file(None)
        .enable_hashed_routes(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_that_pages_name_is_there_under_a_hashed_name() {
        for file in SCRIPTS.iter().chain(&["/console.css", "/favicon.svg"]) {
            let served = MANIFEST
                .get(file)
                .unwrap_or_else(|| panic!("{file} is missing"));
            assert_ne!(served, *file);
            assert!(url(file).starts_with("/static/"));
        }
    }
}
