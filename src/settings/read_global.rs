//! From the member `global` to [`Global`].

use serde_json::Value;
use time::Date;
use time::format_description::well_known::Iso8601;

use super::read::{network, required_string, text};
use super::reader::Reader;
use super::{BasicException, Global, Mode};

/// The members of `global`, and the exceptions with their places.
pub(super) fn global(reader: Reader<'_>) -> (Global, Vec<(usize, BasicException)>) {
    let default = Global::default();
    let exceptions = reader.objects_or_empty("basic_exceptions", |reader| Some(exception(reader)));
    let global = Global {
        rest_api_authentication_enabled: reader.required_bool("rest_api_authentication_enabled"),
        basic_authentication_disabled: reader.required_bool("basic_authentication_disabled"),
        mode: reader.choice_or(
            "mode",
            default.mode,
            Mode::from_spelling,
            "enforce, observe",
        ),
        basic_observed: reader.bool_or("basic_observed", default.basic_observed),
        basic_exceptions: Vec::new(),
        context_path: reader.optional_string("context_path"),
        protected_paths: reader.list_or("protected_paths", || default.protected_paths, text),
        public_paths: reader.list_or("public_paths", || default.public_paths, text),
        allow_anonymous: reader.bool_or("allow_anonymous", default.allow_anonymous),
        allow_browser_sessions: reader
            .bool_or("allow_browser_sessions", default.allow_browser_sessions),
        session_cookie_names: reader.list_or(
            "session_cookie_names",
            || default.session_cookie_names,
            text,
        ),
        allow_atlassian_tokens: reader
            .bool_or("allow_atlassian_tokens", default.allow_atlassian_tokens),
        allow_oauth1: reader.bool_or("allow_oauth1", default.allow_oauth1),
        clock_skew_seconds: reader.integer_or(
            "clock_skew_seconds",
            default.clock_skew_seconds,
            0..=300,
        ),
        confluence_url: reader.optional_string("confluence_url"),
        activity_retention_days: reader.integer_or(
            "activity_retention_days",
            default.activity_retention_days,
            1..=366,
        ),
    };
    reader.finish();
    (global, exceptions)
}

/// Without an end that can be read, which is a fault, it has ended long ago.
fn exception(reader: Reader<'_>) -> BasicException {
    let ends_on = required_string(&reader, "ends_on", "\"2027-01-31\"");
    let date = day(&ends_on);
    let is_text = reader.get("ends_on").is_some_and(Value::is_string);
    if date.is_none() && is_text {
        let detail = format!("\"{ends_on}\" is no date; for example \"2027-01-31\"");
        reader.fault("ends_on", detail);
    }
    let exception = BasicException {
        id: required_string(&reader, "id", "\"jenkins\""),
        users: reader.list_or("users", Vec::new, text),
        paths: reader.list_or("paths", Vec::new, text),
        networks: reader.list_or("networks", Vec::new, network),
        owner: required_string(&reader, "owner", "\"Build team\""),
        reason: required_string(&reader, "reason", "\"Plugin without OAuth\""),
        ends_on: date.unwrap_or(Date::MIN),
    };
    reader.finish();
    exception
}

/// A day in the one form in which it is stored: of a year before 0 the stored form could never be read again.
fn day(text: &str) -> Option<Date> {
    let date = Date::parse(text, &Iso8601::DATE).ok()?;
    (date.to_string() == text).then_some(date)
}
