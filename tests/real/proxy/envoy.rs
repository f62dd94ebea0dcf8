//! Envoy: the battery.

use super::battery::battery;
use crate::support::proxies::envoy::Envoy;

battery!(Envoy; tokens, refusals, forgery, paths, bodies, upgrades, handover, guard, impostor, patience, reuse);
