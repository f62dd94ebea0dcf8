//! Slows guessing down: a bounded number of failed sign-ins in a time, per account and address
//! together and, wider, per address and per IPv6 site. No account is ever locked for everybody.

use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use moka::sync::Cache;
use sha2::{Digest as _, Sha256};

/// How long tries are counted, from the first one on.
const WINDOW: Duration = Duration::from_mins(5);
/// Failed tries for one account from one address.
const PER_ACCOUNT: u32 = 10;
/// Failed tries from one address.
const PER_ADDRESS: u32 = 100;
/// Failed tries from one IPv6 site (a /48): it may hold 65,536 networks that count as an address each.
const PER_SITE: u32 = 1_000;
/// Addresses and pairs that are remembered; the oldest go first.
const CAPACITY: u64 = 50_000;

/// The failed tries of the last minutes.
#[derive(Clone)]
pub struct Attempts {
    accounts: Counters<(Source, [u8; 32])>,
    addresses: Counters<Source>,
    sites: Counters<Ipv6Addr>,
}

/// Where a try comes from: an IPv4 address, an IPv6 network of one customer, or unknown.
type Source = Option<IpAddr>;

/// A try that is under way: it counts as failed until it has succeeded.
pub struct Attempt<'a> {
    attempts: &'a Attempts,
    source: Source,
    site: Option<Ipv6Addr>,
    pair: (Source, [u8; 32]),
}

/// Too many tries: how long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany {
    /// For `Retry-After`, in seconds.
    pub retry_after: u64,
}

impl Default for Attempts {
    fn default() -> Self {
        Self::remembering(CAPACITY)
    }
}

impl Attempts {
    /// Remembers so many addresses, and as many pairs.
    fn remembering(capacity: u64) -> Self {
        Self {
            accounts: Counters::new(capacity),
            addresses: Counters::new(capacity),
            sites: Counters::new(capacity),
        }
    }

    /// Counts a try before it is made, so that many at once don't slip through.
    ///
    /// # Errors
    /// How long to wait, where there were too many.
    pub fn begin(&self, address: Option<IpAddr>, username: &str) -> Result<Attempt<'_>, TooMany> {
        let source = address.map(network_of);
        let site = address.and_then(site_of);
        // A hash: names may be long, and a password typed into the wrong field is kept nowhere.
        let pair = (source, Sha256::digest(username.to_lowercase()).into());
        // The narrow one first: what it refuses doesn't count for the neighbours of one network.
        self.addresses.count(source, PER_ADDRESS)?;
        site.map_or(Ok(()), |site| self.sites.count(site, PER_SITE))?;
        self.accounts.count(pair, PER_ACCOUNT)?;
        Ok(Attempt {
            attempts: self,
            source,
            site,
            pair,
        })
    }
}

impl Attempt<'_> {
    /// The password was right: earlier typing errors are forgiven.
    pub fn succeeded(self) {
        self.attempts.accounts.forget(&self.pair);
        self.attempts.addresses.uncount(&self.source);
        if let Some(site) = self.site {
            self.attempts.sites.uncount(&site);
        }
    }
}

/// An IPv6 customer has a whole network of addresses.
fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => IpAddr::V6(first_bits(address, 64)),
    }
}

/// The most that one IPv6 customer gets as a rule (RFC 6177).
fn site_of(address: IpAddr) -> Option<Ipv6Addr> {
    match address {
        IpAddr::V4(_) => None,
        IpAddr::V6(address) => Some(first_bits(address, 48)),
    }
}

fn first_bits(address: Ipv6Addr, length: u32) -> Ipv6Addr {
    Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << (128 - length)))
}

#[derive(Clone)]
struct Counters<K>(Cache<K, Arc<Counter>>);

struct Counter {
    since: Instant,
    count: AtomicU32,
}

impl<K: Eq + Hash + Send + Sync + 'static> Counters<K> {
    fn new(capacity: u64) -> Self {
        Self(
            Cache::builder()
                .max_capacity(capacity)
                .time_to_live(WINDOW)
                .build(),
        )
    }

    fn count(&self, key: K, limit: u32) -> Result<(), TooMany> {
        let counter = self.0.get_with(key, || {
            Arc::new(Counter {
                since: Instant::now(),
                count: AtomicU32::new(0),
            })
        });
        if counter.count.fetch_add(1, Ordering::Relaxed) < limit {
            return Ok(());
        }
        let rest = WINDOW.saturating_sub(counter.since.elapsed());
        Err(TooMany {
            retry_after: rest.as_secs().max(1),
        })
    }

    fn uncount(&self, key: &K) {
        if let Some(counter) = self.0.get(key) {
            // A counter that began anew meanwhile doesn't know this try.
            let less = |count: u32| count.checked_sub(1);
            let _ = counter
                .count
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
        }
    }

    fn forget(&self, key: &K) {
        self.0.invalidate(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn guessing_one_account_is_slowed_where_it_comes_from_and_nowhere_else() {
        let attempts = Attempts::default();
        let here = Some(address("192.0.2.1"));
        for _ in 0..PER_ACCOUNT {
            assert!(attempts.begin(here, "admin").is_ok());
        }
        let refused = attempts.begin(here, "ADMIN").err().expect("one too many");
        assert!((1..=WINDOW.as_secs()).contains(&refused.retry_after));
        assert!(attempts.begin(here, "other").is_ok());
        assert!(attempts.begin(Some(address("192.0.2.2")), "admin").is_ok());
        assert!(attempts.begin(None, "admin").is_ok());
    }

    #[test]
    fn many_accounts_from_one_network_are_slowed_too() {
        let attempts = Attempts::default();
        for number in 0..PER_ADDRESS {
            let from = Some(address(&format!("2001:db8::{number:x}")));
            assert!(attempts.begin(from, &format!("user{number}")).is_ok());
        }
        assert!(
            attempts
                .begin(Some(address("2001:db8::ffff")), "another")
                .is_err()
        );
        assert!(
            attempts
                .begin(Some(address("2001:db8:1::1")), "another")
                .is_ok()
        );
    }

    #[test]
    fn many_networks_of_one_site_are_slowed_and_no_other_site() {
        let attempts = Attempts::default();
        let from = |site, network| Some(address(&format!("2001:db8:{site:x}:{network:x}::1")));
        // One network beyond its own bound takes nothing from its neighbours.
        for _ in 0..PER_SITE * 2 {
            let _ = attempts.begin(from(1, 0), "other");
        }
        for network in 1..=PER_SITE - PER_ADDRESS {
            let name = format!("user{network}");
            assert!(attempts.begin(from(1, network), &name).is_ok());
        }
        assert!(attempts.begin(from(1, PER_SITE), "another").is_err());
        assert!(attempts.begin(from(2, 0), "another").is_ok());
    }

    #[test]
    fn a_flood_of_names_and_addresses_is_bounded_and_hides_no_guessing() {
        const CAPACITY: u64 = 1_000;
        let attempts = Attempts::remembering(CAPACITY);
        let guesser = Some(address("192.0.2.1"));
        for _ in 0..PER_ACCOUNT {
            assert!(attempts.begin(guesser, "admin").is_ok());
        }
        // One site after the other, each with a name of its own.
        for number in 0..u128::from(CAPACITY) * 4 {
            let from = IpAddr::V6(Ipv6Addr::from_bits((0x2001_0db8 << 96) | (number << 80)));
            let _ = attempts.begin(Some(from), &format!("user{number}"));
            if number % 20 == 0 {
                // The guesser goes on meanwhile.
                assert!(attempts.begin(guesser, "admin").is_err(), "{number}");
            }
        }
        attempts.accounts.0.run_pending_tasks();
        attempts.addresses.0.run_pending_tasks();
        assert!(attempts.accounts.0.entry_count() <= CAPACITY);
        assert!(attempts.addresses.0.entry_count() <= CAPACITY);
        attempts.sites.0.run_pending_tasks();
        assert!(attempts.sites.0.entry_count() <= CAPACITY);
        // Whoever comes after the flood is counted as ever.
        let late = Some(address("192.0.2.2"));
        let passed = (0..100).filter(|_| attempts.begin(late, "admin").is_ok());
        assert!(passed.count() <= PER_ACCOUNT as usize + 2);
    }

    #[test]
    fn a_right_password_forgives_typing_errors_and_counts_nothing() {
        let attempts = Attempts::default();
        let here = Some(address("192.0.2.1"));
        for _ in 0..PER_ADDRESS * 2 {
            attempts
                .begin(here, "admin")
                .expect("never refused")
                .succeeded();
        }
        for _ in 1..PER_ACCOUNT {
            assert!(attempts.begin(here, "admin").is_ok());
        }
        attempts
            .begin(here, "admin")
            .expect("the last one")
            .succeeded();
        assert!(attempts.begin(here, "admin").is_ok());
    }
}
