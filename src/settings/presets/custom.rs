//! Providers that are described by hand.

use super::super::TokenValidation::{Introspection, Jwks, Userinfo};
use super::stability::{reassignable, stable};
use super::{OPENID, Preset};

pub(super) const OIDC: Preset = Preset {
    id: "custom-oidc",
    label: "Custom OpenID Connect",
    methods: &[Jwks, Introspection, Userinfo],
    // Here the client id is what ID tokens carry as their audience.
    client_is_audience: false,
    recommendations: &[stable("sub"), reassignable("preferred_username")],
    ..OPENID
};

pub(super) const OAUTH2: Preset = Preset {
    id: "custom-oauth2",
    label: "Custom OAuth 2.0",
    methods: &[Userinfo, Introspection, Jwks],
    scopes: &[],
    issues_jwts: false,
    recommendations: &[stable("sub"), stable("id"), reassignable("login")],
    ..OPENID
};
