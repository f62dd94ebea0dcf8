//! nginx: the battery, and what it alone does.

mod own;

use super::battery::battery;
use crate::support::proxies::nginx::Nginx;

battery!(Nginx; tokens, refusals, forgery, paths, bodies, upgrades, handover, guard, impostor, patience, reuse);
