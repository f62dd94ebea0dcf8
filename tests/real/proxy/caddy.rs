//! Caddy: the battery.

use super::battery::battery;
use crate::support::proxies::caddy::Caddy;

battery!(Caddy; tokens, refusals, forgery, paths, bodies, upgrades, handover, guard, impostor, patience, reuse);
