//! The number of which a point is the multiple: by baby steps and giant steps (Shanks), in about as many
//! steps as twice the square root of the largest that it can be.

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity as _;

use crate::group::encode_doubled;

/// How many points are encoded at once.
const AT_ONCE: usize = 4_096;

/// Finds the number from 0 to a bound that times the generator is this point, or none.
pub fn discrete_log(point: &RistrettoPoint, bound: u64) -> Option<u64> {
    let size = bound.isqrt() + 1;
    // Points are encoded doubled, so all of them begin as halves.
    let half = Scalar::ONE.div_by_2();
    let one = RistrettoPoint::mul_base(&half);
    let mut baby_steps = Vec::new();
    walk(RistrettoPoint::identity(), one, size, |number, encoded| {
        baby_steps.push((encoded, number));
        None::<()>
    });
    baby_steps.sort_unstable();
    let back = -RistrettoPoint::mul_base(&(Scalar::from(size) * half));
    walk(point * half, back, bound / size + 1, |giant_steps, encoded| {
        let first = baby_steps.partition_point(|(baby, _)| *baby < encoded);
        let equal = baby_steps[first..].iter().take_while(|(baby, _)| *baby == encoded);
        let mut candidates = equal.map(|(_, baby)| giant_steps * size + baby);
        candidates.find(|number| {
            *number <= bound && RistrettoPoint::mul_base(&Scalar::from(*number)) == *point
        })
    })
}

/// Takes so many steps, and looks at the beginning of each double's encoding until something is found.
fn walk<T>(
    mut at: RistrettoPoint,
    step: RistrettoPoint,
    steps: u64,
    mut look: impl FnMut(u64, u64) -> Option<T>,
) -> Option<T> {
    let mut number = 0;
    let mut halves = Vec::with_capacity(AT_ONCE);
    while number < steps {
        halves.clear();
        while halves.len() < AT_ONCE && number + as_count(halves.len()) < steps {
            halves.push(at);
            at += step;
        }
        for encoded in encode_doubled(&halves) {
            let first = encoded.first_chunk().expect("an encoding has 32 bytes");
            if let Some(found) = look(number, u64::from_le_bytes(*first)) {
                return Some(found);
            }
            number += 1;
        }
    }
    None
}

fn as_count(length: usize) -> u64 {
    u64::try_from(length).expect("a usize fits u64")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(number: u64, bound: u64) -> Option<u64> {
        discrete_log(&RistrettoPoint::mul_base(&Scalar::from(number)), bound)
    }

    #[test]
    fn each_number_up_to_the_bound_is_found_and_none_above() {
        for bound in 0..40 {
            for number in 0..60 {
                let expected = (number <= bound).then_some(number);
                assert_eq!(finds(number, bound), expected, "{number} {bound}");
            }
        }
    }

    #[test]
    fn the_largest_sums_are_found() {
        let bound = crate::plan::LARGEST_SUM - 1;
        for number in [0, 1, 123_456_789, bound - 1, bound] {
            assert_eq!(finds(number, bound), Some(number));
        }
        assert_eq!(finds(bound + 1, bound), None);
        let negative = -RistrettoPoint::mul_base(&Scalar::ONE);
        assert_eq!(discrete_log(&negative, 1_000_000), None);
    }
}
