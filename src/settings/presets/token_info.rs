//! Calls of vendors about their opaque tokens.

/// A vendor's own call that says for which application an opaque token was issued.
#[derive(Debug)]
pub struct TokenInfo {
    /// The URL, with `{parameter}` and `{client_id}` places.
    pub url: &'static str,
    /// How the token is given.
    pub call: TokenInfoCall,
    /// Where the application stands in the answer, as an attribute path.
    pub client: &'static str,
}

/// How a token is given to a [`TokenInfo`] call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenInfoCall {
    /// GET with the token as bearer.
    Bearer,
    /// GET with the token as this query parameter.
    Query(&'static str),
    /// POST of JSON with the token, as the client by Basic: GitHub.
    ClientJson,
    /// GET with the token and the client's own credentials in the query: Facebook.
    ClientQuery,
}
