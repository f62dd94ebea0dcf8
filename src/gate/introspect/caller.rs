//! Who asks: the key that stands in the header, as Bearer or as HTTP Basic password.

use axum::http::HeaderMap;
use secrecy::{ExposeSecret as _, SecretString};

use super::problem::Problem;
use crate::api_key::{ApiKeys, Caller};
use crate::decision::credential::{Carrier, Credential, basic_password};
use crate::provider::unix_now;

/// The caller, if its key is good and may introspect. Nothing but memory is asked.
pub(super) fn of(headers: &HeaderMap, keys: &ApiKeys) -> Result<Caller, Problem> {
    let carrier = Carrier {
        headers,
        query: b"",
    };
    let key: SecretString = match carrier.credential(&[]) {
        Ok(Credential::Bearer(key)) => key.into(),
        Ok(Credential::Basic) => basic_password(headers).ok_or(Problem::BadKey)?,
        Ok(Credential::Missing) => return Err(Problem::NoKey),
        Ok(Credential::OAuth1 | Credential::Session) | Err(_) => return Err(Problem::BadKey),
    };
    let caller = keys
        .caller(key.expose_secret(), unix_now())
        .ok_or(Problem::BadKey)?;
    if caller.role.may_introspect() {
        Ok(caller)
    } else {
        Err(Problem::WrongRole)
    }
}
