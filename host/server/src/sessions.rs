//! Who is signing in and who is signed in as a node: in memory, since a node signs in again after a
//! restart.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anchorhold_identity::Fingerprint;

use crate::store::Secret;

/// How long a challenge may be answered, in seconds.
const CHALLENGE_TIME: u64 = 60;
/// How long a node is signed in, in seconds.
const SESSION_TIME: u64 = 3_600;
/// How many sessions an organization has at once: its node's, and those of requesters.
const SESSIONS: usize = 100;
/// How many challenges or sessions are kept at once.
const MOST: usize = 10_000;

/// Challenges that were given and sessions that were opened.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    challenges: Expiring<[u8; 32], ()>,
    sessions: Expiring<[u8; 32], Fingerprint>,
}

impl Inner {
    /// Ends an organization's oldest session where it has as many as one may have, so that nobody
    /// keeps others from signing in.
    fn make_room(&mut self, organization: &Fingerprint) {
        let own = self.sessions.0.iter().filter(|(_, (of, _))| of == organization);
        let own: Vec<_> = own.map(|(hash, (_, until))| (*until, *hash)).collect();
        if own.len() >= SESSIONS
            && let Some((_, oldest)) = own.iter().min()
        {
            self.sessions.0.remove(oldest);
        }
    }
}

impl Sessions {
    /// Gives a challenge, or none where too many are open.
    pub(crate) fn challenge(&self, now: u64) -> Option<[u8; 32]> {
        let nonce = Secret::draw();
        let until = now.saturating_add(CHALLENGE_TIME);
        self.inner().challenges.add(now, nonce.0, (), until).then_some(nonce.0)
    }

    /// Takes a challenge: it can be answered once.
    pub(crate) fn take(&self, now: u64, nonce: &[u8; 32]) -> bool {
        self.inner().challenges.take(now, nonce).is_some()
    }

    /// Opens a session, and returns its token and when it ends; none where too many are open.
    pub(crate) fn open(&self, now: u64, organization: Fingerprint) -> Option<(Secret, u64)> {
        let token = Secret::draw();
        let until = now.saturating_add(SESSION_TIME);
        self.inner().make_room(&organization);
        let opened = self.inner().sessions.add(now, token.hash(), organization, until);
        opened.then_some((token, until))
    }

    /// Returns whose session a token is.
    pub(crate) fn find(&self, now: u64, token: &Secret) -> Option<Fingerprint> {
        self.inner().sessions.get(now, &token.hash()).copied()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Values that are there until their time, and not too many of them.
struct Expiring<K, V>(HashMap<K, (V, u64)>);

impl<K, V> Default for Expiring<K, V> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Eq + std::hash::Hash, V> Expiring<K, V> {
    fn add(&mut self, now: u64, key: K, value: V, until: u64) -> bool {
        if self.0.len() >= MOST {
            self.0.retain(|_, (_, until)| now <= *until);
        }
        let room = self.0.len() < MOST;
        if room {
            self.0.insert(key, (value, until));
        }
        room
    }

    fn get(&self, now: u64, key: &K) -> Option<&V> {
        self.0.get(key).filter(|(_, until)| now <= *until).map(|(value, _)| value)
    }

    fn take(&mut self, now: u64, key: &K) -> Option<V> {
        self.0.remove(key).filter(|(_, until)| now <= *until).map(|(value, _)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_answered_once_and_in_time() {
        let sessions = Sessions::default();
        let nonce = sessions.challenge(100).unwrap();
        assert!(sessions.take(160, &nonce));
        assert!(!sessions.take(160, &nonce), "it was answered");
        let late = sessions.challenge(100).unwrap();
        assert!(!sessions.take(161, &late));
        assert!(!sessions.take(100, &[0; 32]), "it was never given");
    }

    #[test]
    fn a_session_is_found_until_it_ends() {
        let sessions = Sessions::default();
        let organization = Fingerprint::from_bytes([1; 32]);
        let (token, until) = sessions.open(100, organization).unwrap();
        assert_eq!(sessions.find(until, &token), Some(organization));
        assert_eq!(sessions.find(until + 1, &token), None);
        assert_eq!(sessions.find(100, &Secret::draw()), None);
    }

    #[test]
    fn an_organization_that_signs_in_often_ends_its_own_oldest_session() {
        let sessions = Sessions::default();
        let [one, other] = [[1; 32], [2; 32]].map(Fingerprint::from_bytes);
        let (kept, _) = sessions.open(99, other).unwrap();
        let (first, _) = sessions.open(100, one).unwrap();
        assert!((0..SESSIONS).all(|_| sessions.open(101, one).is_some()));
        assert_eq!(sessions.find(102, &first), None);
        assert_eq!(sessions.find(102, &kept), Some(other));
        assert_eq!(sessions.inner().sessions.0.len(), SESSIONS + 1);
    }

    #[test]
    fn too_many_are_refused_until_some_are_over() {
        let sessions = Sessions::default();
        assert!((0..MOST).all(|_| sessions.challenge(100).is_some()));
        assert_eq!(sessions.challenge(160), None);
        assert!(sessions.challenge(161).is_some());
    }
}
