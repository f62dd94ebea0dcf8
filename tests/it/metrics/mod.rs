//! `/metrics`, `/readyz`, and what `deploy/` makes of them.

mod deploy;
mod providers;
mod readiness;
mod scrape;
mod text;
