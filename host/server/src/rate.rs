//! How many requests a caller may make: a bucket of tokens for each, filled again as time passes.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The most callers that are told apart at once.
const CALLERS: usize = 10_000;

/// The limits of a server.
pub(crate) struct Rates {
    /// For each token that is known.
    pub(crate) callers: Buckets<[u8; 32]>,
    /// For each address from which somebody signs in, or shows a token that is not known. Many
    /// nodes may share one.
    pub(crate) strangers: Buckets<IpAddr>,
}

impl Default for Rates {
    fn default() -> Self {
        Self { callers: Buckets::new(100, 2_000), strangers: Buckets::new(20, 200) }
    }
}

/// Buckets of equal size.
pub(crate) struct Buckets<K> {
    /// How long a token takes to come.
    each: Duration,
    /// How long a whole bucket takes.
    whole: Duration,
    /// When each bucket will be full; those that are full are left out.
    full_at: Mutex<HashMap<K, Instant>>,
}

impl<K: Eq + Hash> Buckets<K> {
    fn new(per_second: u32, burst: u32) -> Self {
        let each = Duration::from_secs(1) / per_second;
        Self { each, whole: each * burst, full_at: Mutex::default() }
    }

    /// Takes a token, or returns in how long there is one.
    pub(crate) fn take(&self, key: K, now: Instant) -> Result<(), Duration> {
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() >= CALLERS && !full_at.contains_key(&key) {
            full_at.retain(|_, at| *at > now);
            if full_at.len() >= CALLERS {
                return Err(self.whole);
            }
        }
        let at = full_at.get(&key).copied().unwrap_or(now).max(now) + self.each;
        let missing = at.saturating_duration_since(now).saturating_sub(self.whole);
        if missing > Duration::ZERO {
            return Err(missing);
        }
        full_at.insert(key, at);
        Ok(())
    }
}

/// Returns what stands for an address: somebody who has one address of IPv6 has 2^64 of them.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_emptied_and_fills_again() {
        let buckets = Buckets::new(10, 20);
        let now = Instant::now();
        assert!((0..20).all(|_| buckets.take("a", now).is_ok()));
        assert_eq!(buckets.take("a", now), Err(Duration::from_millis(100)));
        assert_eq!(buckets.take("b", now), Ok(()));
        let later = now + Duration::from_secs(1);
        assert!((0..10).all(|_| buckets.take("a", later).is_ok()));
        assert!(buckets.take("a", later).is_err());
    }

    #[test]
    fn too_many_callers_wait_for_those_before() {
        let buckets = Buckets::new(10, 20);
        let now = Instant::now();
        assert!((0..CALLERS).all(|key| buckets.take(key, now).is_ok()));
        assert!(buckets.take(CALLERS, now).is_err());
        assert!(buckets.take(0, now).is_ok(), "who is known already goes on");
        assert!(buckets.take(CALLERS, now + Duration::from_secs(1)).is_ok());
    }

    #[test]
    fn addresses_of_one_network_are_one() {
        let network = |text: &str| network(text.parse().unwrap());
        assert_eq!(network("2001:db8::1"), network("2001:db8::2:1"));
        assert_ne!(network("2001:db8:0:1::1"), network("2001:db8::1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
    }
}
