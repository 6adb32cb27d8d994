//! Division by a power of two among three parties, for fixed-point numbers.
//!
//! P2 has both keys from which a mask r is drawn, half of it with P0 and half with P1; those two
//! open x + r between them, which says nothing of x. The quotient is that of the opened number less
//! that of r, and where adding r went over 2^63, which the highest bits of both tell, that is
//! corrected: so no result is far off, however near x is to the ends of its range.
//!
//! Source: the masked truncation of Dalskov, Escudero, Keller, "Secure Evaluation of Quantized Neural
//! Networks", PoPETs 2020(4) (ePrint 2019/131), section 5.1, with a mask that one party knows, as
//! three parties of which two do not collude allow.

use super::engine::{Engine, Place};
use super::{Servers, Shared};
use crate::mpc::{Z2_64, add_vectors, subtract_vectors};
use crate::{Result, Seat};

const TOPIC: &str = "truncate";
/// What makes numbers of -2^62 to 2^62 - 1 positive.
const OFFSET: u64 = 1 << 62;
/// The bits below the highest.
const LOWER: u64 = (1 << 63) - 1;

impl Engine<'_> {
    /// Divides numbers by 2 to the power of `bits`, from 1 to 61: see [`Numbers::truncate`].
    ///
    /// [`Numbers::truncate`]: crate::mpc::Numbers::truncate
    pub fn truncate(&mut self, x: &Shared<Z2_64>, bits: u32) -> Result<Shared<Z2_64>> {
        let length = x.len();
        let Self { task, servers: Servers([p0, p1, p2]), place } = self;
        let Place::Server { index, own, next } = place else {
            return Ok(Shared::zeros(length));
        };
        match index {
            0 => {
                let masks: [Vec<Z2_64>; 4] = [(); 4].map(|()| own.vector(length));
                let [mask, quotient, highest, own] = masks;
                let masked = add_vectors(&add_vectors(x.part(0), x.part(1)), &mask);
                task.send_vector(*p1, TOPIC, &masked)?;
                let other = task.receive_vector(*p1, TOPIC, length)?;
                let opened = add_vectors(&masked, &other);
                let part = corrected(&opened, (&quotient, &highest), bits);
                let part = subtract_vectors(&part, &own);
                let next = self.exchange(self.servers.0[1], part)?;
                Ok(Shared::of([own, next]))
            }
            1 => {
                let [mask, next]: [Vec<Z2_64>; 2] = [(); 2].map(|()| next.vector(length));
                let masked: Vec<_> = add_vectors(x.part(1), &mask);
                let masked: Vec<_> = masked.iter().map(|&part| part + Z2_64(OFFSET)).collect();
                task.send_vector(*p0, TOPIC, &masked)?;
                let other = task.receive_vector(*p0, TOPIC, length)?;
                let of_mask = task.receive_vector(*p2, TOPIC, 2 * length)?;
                let (quotient, highest) = of_mask.split_at(length);
                let opened: Vec<Z2_64> = add_vectors(&masked, &other);
                let part = corrected(&opened, (quotient, highest), bits);
                let with_opened = part
                    .iter()
                    .zip(&opened)
                    .map(|(&part, &opened)| part + opened_part(opened, bits));
                let part = subtract_vectors(&with_opened.collect::<Vec<_>>(), &next);
                let own = self.exchange(self.servers.0[0], part)?;
                Ok(Shared::of([own, next]))
            }
            _ => {
                let masks: [Vec<Z2_64>; 4] = [(); 4].map(|()| next.vector(length));
                let [mask, quotient, highest, next] = masks;
                let [other, own]: [Vec<Z2_64>; 2] = [(); 2].map(|()| own.vector(length));
                let mask = add_vectors(&mask, &other);
                let of_mask = |of: fn(u64, u32) -> u64| {
                    mask.iter().map(|mask| Z2_64(of(mask.0, bits))).collect::<Vec<_>>()
                };
                let quotients = of_mask(|mask, bits| (mask & LOWER) >> bits);
                let highests = of_mask(|mask, _| mask >> 63);
                let parts = [
                    subtract_vectors(&quotients, &quotient),
                    subtract_vectors(&highests, &highest),
                ];
                task.send_vector(*p1, TOPIC, &parts.concat())?;
                Ok(Shared::of([own, next]))
            }
        }
    }

    /// Adds what another party has to the own part, and gives it that.
    fn exchange(&self, other: Seat, part: Vec<Z2_64>) -> Result<Vec<Z2_64>> {
        self.task.send_vector(other, TOPIC, &part)?;
        let others = self.task.receive_vector(other, TOPIC, part.len())?;
        Ok(add_vectors(&part, &others))
    }
}

/// Returns a part of what is added to the opened number's quotient: the mask's quotient less, and
/// 2^63 divided where the sum went over it, as far as that depends on the mask.
fn corrected(opened: &[Z2_64], (quotient, highest): (&[Z2_64], &[Z2_64]), bits: u32) -> Vec<Z2_64> {
    let of_mask = quotient.iter().zip(highest);
    let corrected = opened.iter().zip(of_mask).map(|(opened, (&quotient, &highest))| {
        // The highest bits differ where it went over: c + m - 2cm.
        let factor = Z2_64(1) - Z2_64(2 * (opened.0 >> 63));
        factor * highest * Z2_64(1 << (63 - bits)) - quotient
    });
    corrected.collect()
}

/// Returns the opened number's quotient, the other part of the correction, and takes the offset off.
fn opened_part(opened: Z2_64, bits: u32) -> Z2_64 {
    let over = Z2_64(opened.0 >> 63) * Z2_64(1 << (63 - bits));
    Z2_64((opened.0 & LOWER) >> bits) + over - Z2_64(OFFSET >> bits)
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
