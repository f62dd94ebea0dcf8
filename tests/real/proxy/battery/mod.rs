//! What every proxy has to keep, whichever it is. A case is written once, for any proxy; the macro
//! makes one test of each case and proxy, so that a list of the tests says who keeps what.

pub mod bodies;
pub mod forgery;
pub mod guard;
pub mod handover;
pub mod impostor;
pub mod paths;
pub mod patience;
pub mod refusals;
pub mod tokens;
pub mod upgrades;
pub mod wire;

use crate::support::oidc::{ALICE, oidc};
use crate::support::proxies::Product;
use crate::support::site::{Site, azure_b2c, settings};

/// A protected path.
pub const CONTENT: &str = "/rest/api/content";

/// A site where Azure B2C is the provider, and a good token of Alice.
pub async fn with_alice<P: Product>() -> (Site, String) {
    let oidc = oidc().await;
    let site = Site::behind::<P>(&settings(&[azure_b2c(oidc)])).await;
    (site, oidc.access_token(&ALICE).await)
}

/// Tests of one proxy: those of each named part of the battery. A proxy that can't keep a part leaves
/// it out, and its document says so.
macro_rules! battery {
    ($product:ident; $($part:ident),+ $(,)?) => {
        $($crate::proxy::battery::part!($part $product);)+
    };
}

macro_rules! part {
    (tokens $product:ident) => {
        $crate::proxy::battery::cases! { $product; tokens:
            a_good_token_passes_with_its_user_and_without_itself
            an_expired_token_is_refused
            a_bad_token_is_refused
            a_token_of_15_kb_with_200_groups_passes
            two_authorization_headers_are_none
        }
    };
    (refusals $product:ident) => {
        $crate::proxy::battery::cases! { $product; refusals:
            without_a_credential_the_client_is_challenged
            disabled_basic_is_refused_and_not_offered
            enabled_basic_passes_byte_for_byte
            a_missing_scope_is_forbidden_with_its_challenge
            two_credentials_are_none
            a_provider_that_cannot_be_asked_is_a_503_with_retry_after
            without_the_gate_nothing_passes
        }
    };
    (forgery $product:ident) => {
        $crate::proxy::battery::cases! { $product; forgery:
            forged_identity_headers_are_overwritten
            forged_identity_headers_open_nothing
            forged_identity_headers_vanish_from_public_paths
            a_connection_header_removes_no_identity_header
            a_forged_client_address_is_not_believed
        }
    };
    (paths $product:ident) => {
        $crate::proxy::battery::cases! { $product; paths:
            no_spelling_of_a_protected_path_passes_without_a_credential
            no_method_passes_without_a_credential
            each_method_passes_with_a_token
            pages_stay_open_and_reach_confluence_as_they_were_written
            clients_cannot_ask_the_gate_themselves
        }
    };
    (bodies $product:ident) => {
        $crate::proxy::battery::cases! { $product; bodies:
            bodies_go_to_confluence_alone
            a_body_of_20_mb_streams_through
        }
    };
    (upgrades $product:ident) => {
        $crate::proxy::battery::cases! { $product; upgrades:
            a_websocket_opens_and_echoes
            a_protected_websocket_needs_a_credential
            no_other_upgrade_reaches_confluence
            no_upgrade_rides_beside_a_websocket
        }
    };
    (handover $product:ident) => {
        $crate::proxy::battery::cases! { $product; handover:
            a_call_with_a_token_has_no_session_and_no_xsrf_check
            a_call_with_a_session_keeps_it
            confluence_gets_the_credential_in_place_of_the_token
        }
    };
    (guard $product:ident) => {
        $crate::proxy::battery::cases! { $product; guard:
            nobody_is_no_success
            an_answer_without_a_body_is_no_success_either
            no_spelling_of_the_path_avoids_the_guard
            a_user_is_a_success
            only_calls_that_the_gate_let_in_are_guarded
            what_confluence_refuses_itself_stays_as_it_is
            another_user_is_no_success
            a_withdrawn_credential_is_no_success
        }
    };
    // A decision takes 10 s at most.
    (patience $product:ident) => {
        $crate::proxy::battery::cases! { $product; patience:
            a_gate_that_does_not_answer_is_waited_for_12_seconds
        }
    };
    // A 200 without bearergate's own headers is none of its answers.
    (impostor $product:ident) => {
        $crate::proxy::battery::cases! { $product; impostor:
            a_200_of_another_service_is_no_permission
        }
    };
    // One connection to the gate serves many decisions.
    (reuse $product:ident) => {
        $crate::proxy::battery::cases! { $product; wire:
            one_connection_serves_many_decisions
        }
    };
}

macro_rules! cases {
    ($product:ident; $group:ident: $($case:ident)+) => {
        mod $group {
            use super::$product;

            $(
                #[tokio::test]
                async fn $case() {
                    $crate::proxy::battery::$group::$case::<$product>().await;
                }
            )+
        }
    };
}

pub(in crate::proxy) use {battery, cases, part};
