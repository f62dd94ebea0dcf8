//! Traefik: the battery. It can't change an answer of Confluence, so it guards none, and it waits as long
//! for the gate as it likes.

use super::battery::battery;
use crate::support::proxies::traefik::Traefik;

battery!(Traefik; tokens, refusals, forgery, paths, bodies, upgrades, handover, impostor, reuse);
