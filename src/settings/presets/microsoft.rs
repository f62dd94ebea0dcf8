//! Microsoft's cloud directories.

use super::stability::{reassignable, stable, unprotected};
use super::{Mark, OPENID, Parameter, ParameterForm, Preset};

/// A day: Microsoft's front ends serve different parts of one key set, so that a key that signs may
/// be missing from a document for hours.
const KEY_GRACE_SECONDS: u32 = 86_400;

const GRAPH: &str = "This is a token for Microsoft Graph, which Microsoft alone can verify. Let the \
    client ask for a scope of your own API instead, such as api://<application id>/<scope>.";

const FOREIGN_AUDIENCES: &[(&str, &str)] = &[
    ("https://graph.microsoft.com", GRAPH),
    ("https://graph.microsoft.com/", GRAPH),
    ("00000003-0000-0000-c000-000000000000", GRAPH),
    ("00000002-0000-0000-c000-000000000000", GRAPH),
    ("https://graph.windows.net", GRAPH),
];

const FOREIGN_ISSUERS: &[(&str, &str)] = &[(
    "https://sts.windows.net/",
    "This is a token in the format 1.0, which has another issuer. Set \"requestedAccessTokenVersion\" to 2 \
     in the API's manifest, or list both issuers under Advanced.",
)];

const TENANT_ID: Parameter = Parameter {
    name: "tenant",
    label: "Directory (Tenant) ID",
    help: "Azure portal, Microsoft Entra ID, Overview, \"Tenant ID\".",
    example: "775527ff-9a37-4307-8b3d-cc311f58d925",
    default: None,
    form: ParameterForm::Word("-."),
};

pub(super) const AZURE_B2C: Preset = Preset {
    id: "azure-b2c",
    label: "Azure B2C",
    parameters: &[
        Parameter {
            name: "tenant",
            label: "Tenant Name",
            help: "The first part of the tenant's domain: Azure portal, Azure AD B2C, Overview, \
                   \"Domain name\", without \".onmicrosoft.com\".",
            example: "contoso",
            default: None,
            form: ParameterForm::Word("-"),
        },
        Parameter {
            name: "policy",
            label: "Policy (User Flow)",
            help: "The user flow or custom policy that the clients sign in with: Azure portal, \
                   Azure AD B2C, User flows.",
            example: "B2C_1_signin",
            default: None,
            form: ParameterForm::Word("-_"),
        },
    ],
    discovery_url: Some(
        "https://{tenant}.b2clogin.com/{tenant}.onmicrosoft.com/{policy}/v2.0/.well-known/openid-configuration",
    ),
    access_token_marks: &[Mark::any("scp")],
    // The token of an application without a user is not marked as such; a user's comes from a
    // policy and names it, or says something about the person.
    user_marks: &[
        "tfp",
        "acr",
        "idp",
        "auth_time",
        "nonce",
        "emails",
        "email",
        "name",
        "given_name",
        "family_name",
    ],
    policy_claims: &["tfp", "acr"],
    attribute_spellings: &[
        ("givenName", "given_name"),
        ("surname", "family_name"),
        ("displayName", "name"),
        ("objectId", "oid"),
    ],
    placeholders: &["Not supported currently. Use oid claim."],
    recommendations: &[
        stable("oid"),
        stable("sub"),
        reassignable("emails[0]"),
        unprotected("givenName"),
    ],
    ..OPENID
};

pub(super) const ENTRA_ID: Preset = Preset {
    id: "entra-id",
    label: "Microsoft Entra ID (Azure AD)",
    parameters: &[TENANT_ID],
    discovery_url: Some(
        "https://login.microsoftonline.com/{tenant}/v2.0/.well-known/openid-configuration",
    ),
    access_token_marks: &[Mark::any("scp"), Mark::any("roles")],
    user_marks: &["scp"],
    recommendations: &[
        stable("oid"),
        reassignable("preferred_username"),
        reassignable("upn"),
        unprotected("name"),
    ],
    key_grace_seconds: KEY_GRACE_SECONDS,
    foreign_audiences: FOREIGN_AUDIENCES,
    foreign_issuers: FOREIGN_ISSUERS,
    shared_tenants: &["common", "organizations", "consumers"],
    ..OPENID
};

pub(super) const ENTRA_EXTERNAL_ID: Preset = Preset {
    id: "entra-external-id",
    label: "Microsoft Entra External ID",
    parameters: &[
        Parameter {
            name: "subdomain",
            label: "Tenant Subdomain",
            help: "The first part of the tenant's domain: Microsoft Entra admin center, Overview, \
                   \"Primary domain\", without \".onmicrosoft.com\".",
            example: "contoso",
            default: None,
            form: ParameterForm::Word("-"),
        },
        TENANT_ID,
    ],
    discovery_url: Some(
        "https://{subdomain}.ciamlogin.com/{tenant}/v2.0/.well-known/openid-configuration",
    ),
    access_token_marks: &[Mark::any("scp"), Mark::any("roles")],
    user_marks: &["scp"],
    recommendations: &[
        stable("oid"),
        reassignable("email"),
        reassignable("preferred_username"),
    ],
    key_grace_seconds: KEY_GRACE_SECONDS,
    foreign_audiences: FOREIGN_AUDIENCES,
    ..OPENID
};
