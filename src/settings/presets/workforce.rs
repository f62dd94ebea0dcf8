//! Identity providers of companies: whoever has an account there was let in by an administrator.

use super::super::TokenValidation::{Introspection, Jwks, Userinfo};
use super::stability::{reassignable, stable, unprotected};
use super::{Endpoints, Mark, OPENID, Parameter, ParameterForm, Preset};

const fn host(
    name: &'static str,
    label: &'static str,
    help: &'static str,
    example: &'static str,
) -> Parameter {
    Parameter {
        name,
        label,
        help,
        example,
        default: None,
        form: ParameterForm::Host,
    }
}

pub(super) const OKTA: Preset = Preset {
    id: "okta",
    label: "Okta",
    parameters: &[
        host(
            "domain",
            "Okta Domain",
            "Okta admin console, the domain behind your name at the top right.",
            "contoso.okta.com",
        ),
        Parameter {
            name: "authorization_server",
            label: "Authorization Server",
            help: "Security, API, Authorization Servers: its id; \"default\" is there from the start.",
            example: "default",
            default: Some("default"),
            form: ParameterForm::Word("-_"),
        },
    ],
    discovery_url: Some(
        "https://{domain}/oauth2/{authorization_server}/.well-known/openid-configuration",
    ),
    methods: &[Jwks, Introspection, Userinfo],
    scopes: &["openid", "profile", "email"],
    // The audience of an authorization server is a setting of its own, "api://default".
    client_is_audience: false,
    access_token_marks: &[Mark::any("cid")],
    recommendations: &[stable("uid"), reassignable("sub")],
    ..OPENID
};

pub(super) const KEYCLOAK: Preset = Preset {
    id: "keycloak",
    label: "Keycloak",
    parameters: &[
        Parameter {
            name: "base_url",
            label: "Keycloak URL",
            help: "Where Keycloak is, without the realm; before version 17 with \"/auth\".",
            example: "https://login.example.com",
            default: None,
            form: ParameterForm::BaseUrl,
        },
        Parameter {
            name: "realm",
            label: "Realm",
            help: "The realm's name, as in Keycloak's menu at the top left.",
            example: "company",
            default: None,
            form: ParameterForm::Word("-_."),
        },
    ],
    discovery_url: Some("{base_url}/realms/{realm}/.well-known/openid-configuration"),
    methods: &[Jwks, Introspection, Userinfo],
    scopes: &["openid", "profile", "email"],
    // Keycloak took the client id out of "aud" on purpose: an audience mapper puts yours in.
    client_is_audience: false,
    access_token_marks: &[Mark::is("typ", "Bearer")],
    // A person has a session, an application none. Its own marks are not in a lightweight token.
    user_marks: &["sid", "session_state"],
    application_marks: &[
        Mark::begins_with("preferred_username", "service-account-"),
        Mark::any("clientHost"),
        Mark::any("clientAddress"),
    ],
    recommendations: &[
        stable("sub"),
        reassignable("preferred_username"),
        reassignable("email"),
    ],
    foreign_audiences: &[(
        "account",
        "\"account\" is in every token of the realm. Add an \"Audience\" mapper to the client's \
         dedicated scope and accept the audience that it adds.",
    )],
    ..OPENID
};

pub(super) const AWS_COGNITO: Preset = Preset {
    id: "aws-cognito",
    label: "AWS Cognito",
    parameters: &[
        Parameter {
            name: "region",
            label: "Region",
            help: "The region of the user pool.",
            example: "eu-central-1",
            default: None,
            form: ParameterForm::Word("-"),
        },
        Parameter {
            name: "user_pool",
            label: "User Pool ID",
            help: "Cognito console, User pools, \"User pool ID\".",
            example: "eu-central-1_Ab12Cd34E",
            default: None,
            form: ParameterForm::Word("-_"),
        },
    ],
    discovery_url: Some(
        "https://cognito-idp.{region}.amazonaws.com/{user_pool}/.well-known/openid-configuration",
    ),
    scopes: &["openid", "profile", "email"],
    audience_claims: &["aud", "client_id"],
    access_token_marks: &[Mark::is("token_use", "access")],
    recommendations: &[stable("sub"), reassignable("username")],
    ..OPENID
};

pub(super) const ADFS: Preset = Preset {
    id: "adfs",
    label: "AD FS",
    parameters: &[host(
        "host",
        "Federation Service Name",
        "The host name of the farm: AD FS management, Service, Properties.",
        "adfs.example.com",
    )],
    discovery_url: Some("https://{host}/adfs/.well-known/openid-configuration"),
    // Its userinfo endpoint answers nothing but "sub".
    methods: &[Jwks],
    recommendations: &[
        stable("sub"),
        reassignable("upn"),
        reassignable("unique_name"),
    ],
    foreign_audiences: &[(
        "urn:microsoft:userinfo",
        "The client named no resource. Let it ask for your Web API's identifier.",
    )],
    ..OPENID
};

pub(super) const AUTH0: Preset = Preset {
    id: "auth0",
    label: "Auth0",
    parameters: &[host(
        "domain",
        "Auth0 Domain",
        "Applications, your application, Settings, \"Domain\".",
        "contoso.eu.auth0.com",
    )],
    discovery_url: Some("https://{domain}/.well-known/openid-configuration"),
    scopes: &["openid", "profile", "email"],
    // An access token is a JWT only for an API, whose identifier is the audience.
    client_is_audience: false,
    application_marks: &[Mark::is("gty", "client-credentials")],
    recommendations: &[stable("sub"), unprotected("nickname")],
    ..OPENID
};

pub(super) const PING: Preset = Preset {
    id: "ping",
    label: "PingOne",
    parameters: &[
        Parameter {
            default: Some("auth.pingone.com"),
            ..host(
                "host",
                "PingOne Host",
                "The host of your region, such as auth.pingone.eu.",
                "auth.pingone.com",
            )
        },
        Parameter {
            name: "environment",
            label: "Environment ID",
            help: "PingOne console, Settings, Environment Properties.",
            example: "6b9c7d0e-3f1a-4b55-9d6a-0a1b2c3d4e5f",
            default: None,
            form: ParameterForm::Word("-"),
        },
    ],
    discovery_url: Some("https://{host}/{environment}/as/.well-known/openid-configuration"),
    methods: &[Jwks, Introspection, Userinfo],
    scopes: &["openid", "profile", "email"],
    client_is_audience: false,
    recommendations: &[stable("sub"), reassignable("preferred_username")],
    ..OPENID
};

pub(super) const ONELOGIN: Preset = Preset {
    id: "onelogin",
    label: "OneLogin",
    parameters: &[Parameter {
        form: ParameterForm::Word("-"),
        ..host(
            "subdomain",
            "Subdomain",
            "The first part of your OneLogin address.",
            "contoso",
        )
    }],
    discovery_url: Some("https://{subdomain}.onelogin.com/oidc/2/.well-known/openid-configuration"),
    // Its access tokens name no user, so the provider has to be asked.
    methods: &[Introspection, Userinfo],
    scopes: &["openid", "profile"],
    recommendations: &[stable("sub"), reassignable("preferred_username")],
    ..OPENID
};

pub(super) const SALESFORCE: Preset = Preset {
    id: "salesforce",
    label: "Salesforce",
    parameters: &[host(
        "domain",
        "My Domain",
        "Setup, My Domain, \"Current My Domain URL\", without https://.",
        "contoso.my.salesforce.com",
    )],
    // Tokens are opaque: a discovery document would name an issuer that none of them has.
    endpoints: Endpoints {
        userinfo: Some("https://{domain}/services/oauth2/userinfo"),
        introspection: Some("https://{domain}/services/oauth2/introspect"),
        authorization: Some("https://{domain}/services/oauth2/authorize"),
        token: Some("https://{domain}/services/oauth2/token"),
    },
    methods: &[Introspection],
    scopes: &["openid", "profile"],
    issues_jwts: false,
    recommendations: &[stable("sub"), reassignable("username")],
    ..OPENID
};
