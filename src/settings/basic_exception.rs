//! Who may go on with Basic while it is disabled, and until when.

use ipnet::IpNet;
use serde::{Serialize, Serializer};
use time::Date;

/// Calls that may use Basic although it is disabled. Of users, paths and networks, a call has to be among
/// all that are named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BasicException {
    /// Short name, unique among the exceptions.
    pub id: String,
    /// The users, compared without case.
    pub users: Vec<String>,
    /// The paths; each covers whole segments, compared with case.
    pub paths: Vec<String>,
    /// The client's networks.
    pub networks: Vec<IpNet>,
    /// Who answers for it.
    pub owner: String,
    /// What it is for.
    pub reason: String,
    /// The last day on which it serves, in UTC.
    #[serde(serialize_with = "as_text")]
    pub ends_on: Date,
}

impl BasicException {
    /// When it stops, in Unix seconds: the first moment of the next day in UTC.
    #[must_use]
    pub fn ends_at(&self) -> i64 {
        let next = self.ends_on.next_day().unwrap_or(self.ends_on);
        next.midnight().assume_utc().unix_timestamp()
    }
}

/// ISO 8601, as [`Date`] is shown.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn as_text<S: Serializer>(date: &Date, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(date)
}
