//! bearergate puts OAuth 2.0 / OpenID Connect in front of the REST APIs of Atlassian Data Center.
//!
//! Two planes meet in one value. The *control plane* writes settings to the store; the *data plane*
//! answers the validation endpoint from a compiled, immutable snapshot of them.

pub mod activity;
pub mod api_key;
pub mod app;
pub mod cli;
pub mod config;
pub mod console;
pub mod decision;
pub mod environment;
pub mod gate;
pub mod health;
pub mod impact;
pub mod json;
pub mod management;
pub mod metrics;
pub mod network;
pub mod password;
pub mod peer;
pub mod provider;
pub mod public_url;
pub mod saving;
pub mod server;
pub mod settings;
pub mod site;
pub mod store;
pub mod telemetry;
