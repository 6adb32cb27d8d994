//! The guest's random numbers: ChaCha20 under a key that the host gives.
//!
//! The cryptographic generator is the key stream of ChaCha20 with a 64-bit block counter from 0
//! and the nonce 0. `get-random-bytes(n)` takes the next n bytes of the stream and drops what is
//! left of the last word of 4; `get-random-u64` takes the next 8, little-endian. The insecure
//! generator is the stream with the nonce 1, and the insecure seed is the first 16 bytes of that
//! with the nonce 2: a program that seeds its hash tables does not move the stream that its
//! protocol uses.

use anchorhold_model::Limit;
use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng, SeedableRng};

use crate::bindings::wasi::random::{insecure, insecure_seed, random};
use crate::state::State;
use crate::stop::Stop;

/// The random numbers of one execution.
pub(crate) struct Random {
    secure: ChaCha20Rng,
    insecure: ChaCha20Rng,
    hash_seed: (u64, u64),
    bytes_left: u64,
}

impl Random {
    /// Starts the generators under a key of 32 bytes.
    pub(crate) fn new(key: [u8; 32], bytes_left: u64) -> Self {
        let stream = |number| {
            let mut generator = ChaCha20Rng::from_seed(key);
            generator.set_stream(number);
            generator
        };
        let mut hashes = stream(2);
        let hash_seed = (take_u64(&mut hashes), take_u64(&mut hashes));
        Self { secure: stream(0), insecure: stream(1), hash_seed, bytes_left }
    }

    /// Counts bytes before they are drawn.
    fn count(&mut self, bytes: u64) -> Result<(), Stop> {
        self.bytes_left =
            self.bytes_left.checked_sub(bytes).ok_or(Stop::Limit(Limit::RandomBytes))?;
        Ok(())
    }
}

fn take_bytes(generator: &mut ChaCha20Rng, length: u64) -> Result<Vec<u8>, Stop> {
    let length = usize::try_from(length).map_err(|_| Stop::Limit(Limit::RandomBytes))?;
    let mut bytes = vec![0; length];
    generator.fill_bytes(&mut bytes);
    Ok(bytes)
}

fn take_u64(generator: &mut ChaCha20Rng) -> u64 {
    let mut bytes = [0; 8];
    generator.fill_bytes(&mut bytes);
    u64::from_le_bytes(bytes)
}

impl random::Host for State {
    async fn get_random_bytes(&mut self, length: u64) -> wasmtime::Result<Vec<u8>> {
        self.random.count(length)?;
        Ok(take_bytes(&mut self.random.secure, length)?)
    }

    async fn get_random_u64(&mut self) -> wasmtime::Result<u64> {
        self.random.count(8)?;
        Ok(take_u64(&mut self.random.secure))
    }
}

impl insecure::Host for State {
    async fn get_insecure_random_bytes(&mut self, length: u64) -> wasmtime::Result<Vec<u8>> {
        self.random.count(length)?;
        Ok(take_bytes(&mut self.random.insecure, length)?)
    }

    async fn get_insecure_random_u64(&mut self) -> wasmtime::Result<u64> {
        self.random.count(8)?;
        Ok(take_u64(&mut self.random.insecure))
    }
}

impl insecure_seed::Host for State {
    async fn insecure_seed(&mut self) -> wasmtime::Result<(u64, u64)> {
        Ok(self.random.hash_seed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_chacha20_byte_for_byte() {
        let mut random = Random::new([0; 32], 64);
        let first = take_bytes(&mut random.secure, 3).expect("few bytes");
        let number = take_u64(&mut random.secure);
        // The key stream of ChaCha20 under a zero key and nonce begins with 76 b8 e0 ad a0 f1 3d 90
        // 40 5d 6a e5: RFC 8439, appendix A.1, vector 1.
        assert_eq!(first, [0x76, 0xb8, 0xe0]);
        assert_eq!(number, u64::from_le_bytes([0xa0, 0xf1, 0x3d, 0x90, 0x40, 0x5d, 0x6a, 0xe5]));
    }

    #[test]
    fn drawing_past_the_limit_stops() {
        let mut random = Random::new([7; 32], 10);
        assert_eq!(random.count(10), Ok(()));
        assert_eq!(random.count(1), Err(Stop::Limit(Limit::RandomBytes)));
    }
}
