//! HAProxy: the battery.

use super::battery::battery;
use crate::support::proxies::haproxy::Haproxy;

battery!(Haproxy; tokens, refusals, forgery, paths, bodies, upgrades, handover, guard, impostor, reuse);
