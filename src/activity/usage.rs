//! Rows of counts: what tells callers apart, hour by hour, and what a plot needs, minute by minute.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use super::kept_text::{kept, kept_user};
use super::path::PathPrefix;
use super::record::{Outcome, Record};
use super::{Label, caps};

/// In place of user, network and path in a coarse row. No network and no path is written so.
pub const OTHER: &str = "other";

/// Calls of one hour that have everything in common that is remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    /// When the hour began, in Unix seconds.
    pub hour: i64,
    /// What they have in common.
    pub key: UsageKey,
    /// How many there were.
    pub calls: u64,
    /// When the last one was, in Unix seconds.
    pub last_at: i64,
}

/// What calls are told apart by. A text is empty where there is nothing to say.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UsageKey {
    /// What became of them.
    pub outcome: Outcome,
    /// The value of `X-Auth-Method`.
    pub method: Label,
    /// The reason's code.
    pub reason: Label,
    /// The kind of credential.
    pub credential: Label,
    /// The id of the provider that judged.
    pub provider: String,
    /// The user; [`OTHER`] in a coarse row.
    pub user: String,
    /// Whether a provider has vouched for user, client and the rest of the token.
    pub is_vouched: bool,
    /// The application.
    pub client_id: String,
    /// `iss`.
    pub issuer: String,
    /// `aud`, in order, separated by blanks.
    pub audience: String,
    /// Scopes, in order, separated by blanks.
    pub scopes: String,
    /// The client's network: /24 of IPv4, /64 of IPv6.
    pub network: String,
    /// The first two segments of the path, in lower case; empty where it is not known.
    pub path_prefix: String,
    /// The id of the exception that let Basic through.
    pub exception: String,
}

/// Who could make up a row's values. Each class has its own caps, so that none pushes another aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsageClass {
    /// A provider has vouched for them.
    Vouched,
    /// A caller named itself; nobody has checked that.
    Named,
    /// Nobody is named.
    Nameless,
}

/// What tells two keys apart, alike on every server: the first half of a SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 16]);

/// A row that the store holds already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownUsage {
    /// When its hour began, in Unix seconds.
    pub hour: i64,
    /// The digest of its key.
    pub digest: Digest,
    /// Its class.
    pub class: UsageClass,
}

/// Calls of one minute, by what a plot tells apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MinuteKey {
    /// When the minute began, in Unix seconds.
    pub minute: i64,
    /// What became of them.
    pub outcome: Outcome,
    /// The value of `X-Auth-Method`.
    pub method: Label,
    /// The reason's code.
    pub reason: Label,
    /// The kind of credential.
    pub credential: Label,
    /// The id of the provider that judged.
    pub provider: String,
}

impl UsageClass {
    pub(super) fn of(record: &Record<'_>) -> Self {
        match record {
            Record {
                vouched: Some(_), ..
            } => Self::Vouched,
            Record { user: "", .. } => Self::Nameless,
            _ => Self::Named,
        }
    }

    /// The class of a row with these values.
    #[must_use]
    pub const fn with(is_vouched: bool, user: &str) -> Self {
        match (is_vouched, user.is_empty()) {
            (true, _) => Self::Vouched,
            (false, false) => Self::Named,
            (false, true) => Self::Nameless,
        }
    }

    pub(super) const fn cap(self, caps: &[usize; 3]) -> usize {
        caps[self as usize]
    }
}

impl UsageKey {
    pub(super) fn of(record: &Record<'_>, path: &PathPrefix) -> Self {
        let vouched = record.vouched.unwrap_or_default();
        Self {
            user: kept_user(record),
            is_vouched: record.vouched.is_some(),
            client_id: kept(vouched.client_id, caps::CLIENT_ID),
            issuer: kept(vouched.issuer, caps::ISSUER),
            audience: kept(vouched.audience, caps::AUDIENCE),
            scopes: kept(vouched.scopes, caps::SCOPES),
            network: record.client.map(network).unwrap_or_default(),
            path_prefix: path.kept(),
            ..Self::coarse(record)
        }
    }

    /// The row of the calls that have no row of their own.
    pub(super) fn coarse(record: &Record<'_>) -> Self {
        Self {
            outcome: record.outcome,
            method: record.method.into(),
            reason: record.reason.into(),
            credential: record.credential.into(),
            provider: kept(record.provider, caps::ID),
            user: OTHER.to_owned(),
            is_vouched: false,
            client_id: String::new(),
            issuer: String::new(),
            audience: String::new(),
            scopes: String::new(),
            network: OTHER.to_owned(),
            path_prefix: OTHER.to_owned(),
            exception: kept(record.exception, caps::ID),
        }
    }

    /// The coarse row in whose place a row of this key would have been.
    pub(super) fn made_coarse(self) -> Self {
        Self {
            outcome: self.outcome,
            method: self.method,
            reason: self.reason,
            credential: self.credential,
            provider: self.provider,
            user: OTHER.to_owned(),
            is_vouched: false,
            client_id: String::new(),
            issuer: String::new(),
            audience: String::new(),
            scopes: String::new(),
            network: OTHER.to_owned(),
            path_prefix: OTHER.to_owned(),
            exception: self.exception,
        }
    }

    /// Whether its calls came from many callers, for whom there was no room: who they were is not known.
    #[must_use]
    pub fn is_coarse(&self) -> bool {
        self.network == OTHER
    }

    /// Who could make its values up.
    #[must_use]
    pub fn class(&self) -> UsageClass {
        UsageClass::with(self.is_vouched, &self.user)
    }

    /// What tells it from all others.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut hash = Sha256::new();
        for text in [
            self.outcome.as_str(),
            &self.method,
            &self.reason,
            &self.credential,
            &self.provider,
            &self.user,
            if self.is_vouched { "1" } else { "" },
            &self.client_id,
            &self.issuer,
            &self.audience,
            &self.scopes,
            &self.network,
            &self.path_prefix,
            &self.exception,
        ] {
            hash_text(&mut hash, text);
        }
        Digest::of(hash)
    }
}

/// With its length, so that no two lists of texts are hashed alike.
pub(super) fn hash_text(hash: &mut Sha256, text: &str) {
    hash.update(text.len().to_be_bytes());
    hash.update(text);
}

impl Digest {
    pub(super) fn of(hash: Sha256) -> Self {
        let mut half = [0; 16];
        half.copy_from_slice(&hash.finalize()[..16]);
        Self(half)
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl std::str::FromStr for Digest {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| ())?;
        bytes.try_into().map(Self).map_err(|_| ())
    }
}

/// The network that stands for an address in counts.
fn network(address: IpAddr) -> String {
    const OF_IPV6: u128 = !(u64::MAX as u128);
    match address.to_canonical() {
        IpAddr::V4(one) => {
            let [a, b, c, _] = one.octets();
            format!("{}/24", Ipv4Addr::new(a, b, c, 0))
        }
        IpAddr::V6(one) => format!("{}/64", Ipv6Addr::from_bits(one.to_bits() & OF_IPV6)),
    }
}
