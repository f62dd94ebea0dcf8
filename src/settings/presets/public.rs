//! Providers where anybody can have an account. Their tokens are opaque and good for any
//! application, so each one is asked for which application a token was issued.

use super::super::TokenValidation::Userinfo;
use super::stability::{reassignable, stable, unprotected};
use super::{Endpoints, OPENID, Parameter, ParameterForm, Preset, TokenInfo, TokenInfoCall};

const PUBLIC: Preset = Preset {
    methods: &[Userinfo],
    issues_jwts: false,
    is_open_to_anybody: true,
    ..OPENID
};

pub(super) const GOOGLE: Preset = Preset {
    id: "google",
    label: "Google",
    endpoints: Endpoints {
        userinfo: Some("https://openidconnect.googleapis.com/v1/userinfo"),
        introspection: None,
        authorization: Some("https://accounts.google.com/o/oauth2/v2/auth"),
        token: Some("https://oauth2.googleapis.com/token"),
    },
    scopes: &["openid", "email", "profile"],
    recommendations: &[stable("sub"), reassignable("email")],
    token_info: Some(TokenInfo {
        url: "https://oauth2.googleapis.com/tokeninfo",
        call: TokenInfoCall::Query("access_token"),
        client: "aud",
    }),
    ..PUBLIC
};

pub(super) const GITHUB: Preset = Preset {
    id: "github",
    label: "GitHub",
    parameters: &[Parameter {
        name: "api_url",
        label: "API URL",
        help: "GitHub Enterprise Server: https://<host>/api/v3.",
        example: "https://api.github.com",
        default: Some("https://api.github.com"),
        form: ParameterForm::BaseUrl,
    }],
    endpoints: Endpoints {
        userinfo: Some("{api_url}/user"),
        introspection: None,
        authorization: Some("https://github.com/login/oauth/authorize"),
        token: Some("https://github.com/login/oauth/access_token"),
    },
    scopes: &["read:user", "user:email"],
    recommendations: &[stable("id"), reassignable("login")],
    token_info: Some(TokenInfo {
        url: "{api_url}/applications/{client_id}/token",
        call: TokenInfoCall::ClientJson,
        client: "app.client_id",
    }),
    ..PUBLIC
};

pub(super) const GITLAB: Preset = Preset {
    id: "gitlab",
    label: "GitLab",
    parameters: &[Parameter {
        name: "host",
        label: "Host",
        help: "The host of your own instance, or gitlab.com.",
        example: "gitlab.com",
        default: Some("gitlab.com"),
        form: ParameterForm::Host,
    }],
    endpoints: Endpoints {
        userinfo: Some("https://{host}/oauth/userinfo"),
        introspection: None,
        authorization: Some("https://{host}/oauth/authorize"),
        token: Some("https://{host}/oauth/token"),
    },
    scopes: &["openid", "profile", "email"],
    recommendations: &[
        stable("sub"),
        reassignable("preferred_username"),
        unprotected("nickname"),
    ],
    token_info: Some(TokenInfo {
        url: "https://{host}/oauth/token/info",
        call: TokenInfoCall::Bearer,
        client: "application.uid",
    }),
    ..PUBLIC
};

pub(super) const SLACK: Preset = Preset {
    id: "slack",
    label: "Slack",
    endpoints: Endpoints {
        userinfo: Some("https://slack.com/api/openid.connect.userInfo"),
        introspection: None,
        authorization: Some("https://slack.com/openid/connect/authorize"),
        token: Some("https://slack.com/api/openid.connect.token"),
    },
    scopes: &["openid", "profile", "email"],
    recommendations: &[
        stable("https://slack.com/user_id"),
        stable("sub"),
        reassignable("email"),
    ],
    ..PUBLIC
};

pub(super) const DISCORD: Preset = Preset {
    id: "discord",
    label: "Discord",
    endpoints: Endpoints {
        userinfo: Some("https://discord.com/api/users/@me"),
        introspection: None,
        authorization: Some("https://discord.com/api/oauth2/authorize"),
        token: Some("https://discord.com/api/oauth2/token"),
    },
    scopes: &["identify", "email"],
    recommendations: &[stable("id"), reassignable("username")],
    token_info: Some(TokenInfo {
        url: "https://discord.com/api/oauth2/@me",
        call: TokenInfoCall::Bearer,
        client: "application.id",
    }),
    ..PUBLIC
};

pub(super) const FACEBOOK: Preset = Preset {
    id: "facebook",
    label: "Facebook",
    endpoints: Endpoints {
        userinfo: Some("https://graph.facebook.com/me?fields=id,name,email"),
        introspection: None,
        authorization: Some("https://www.facebook.com/dialog/oauth"),
        token: Some("https://graph.facebook.com/oauth/access_token"),
    },
    scopes: &["public_profile", "email"],
    recommendations: &[stable("id"), reassignable("email")],
    token_info: Some(TokenInfo {
        url: "https://graph.facebook.com/debug_token",
        call: TokenInfoCall::ClientQuery,
        client: "data.app_id",
    }),
    ..PUBLIC
};
