//! Division by a power of two among three parties, for fixed-point numbers.
//!
//! P2 has both keys from which a mask r is drawn, half of it with P0 and half with P1; those two
//! open x + r between them, which says nothing of x. The quotient is that of the opened number less
//! that of r, and where adding r went over half of the ring, which the highest bits of both tell, that is
//! corrected: so no result is far off, however near x is to the ends of its range.
//!
//! Source: the masked truncation of Dalskov, Escudero, Keller, "Secure Evaluation of Quantized Neural
//! Networks", PoPETs 2020(4) (ePrint 2019/131), section 5.1, with a mask that one party knows, as
//! three parties of which two do not collude allow.

use super::engine::{Engine, Place};
use super::{Servers, Shared, Word};
use crate::mpc::{add_vectors, subtract_vectors};
use crate::{Result, Seat};

const TOPIC: &str = "truncate";

impl Engine<'_> {
    /// Divides numbers by 2 to the power of `bits`: see [`Numbers::truncate`].
    ///
    /// [`Numbers::truncate`]: crate::mpc::Numbers::truncate
    pub fn truncate<W: Word>(&mut self, x: &Shared<W>, bits: u32) -> Result<Shared<W>> {
        let length = x.len();
        let Self { task, servers: Servers([p0, p1, p2]), place } = self;
        let Place::Server { index, own, next } = place else {
            return Ok(Shared::zeros(length));
        };
        match index {
            0 => {
                let masks: [Vec<W>; 4] = [(); 4].map(|()| own.vector(length));
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
                let [mask, next]: [Vec<W>; 2] = [(); 2].map(|()| next.vector(length));
                let masked: Vec<_> = add_vectors(x.part(1), &mask);
                let masked: Vec<_> = masked.iter().map(|&part| part + offset::<W>()).collect();
                task.send_vector(*p0, TOPIC, &masked)?;
                let other = task.receive_vector(*p0, TOPIC, length)?;
                let of_mask = task.receive_vector(*p2, TOPIC, 2 * length)?;
                let (quotient, highest) = of_mask.split_at(length);
                let opened = add_vectors(&masked, &other);
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
                let masks: [Vec<W>; 4] = [(); 4].map(|()| next.vector(length));
                let [mask, quotient, highest, next] = masks;
                let [other, own]: [Vec<W>; 2] = [(); 2].map(|()| own.vector(length));
                let mask = add_vectors(&mask, &other);
                let quotients: Vec<_> = mask.iter().map(|mask| mask.quotient(bits)).collect();
                let highests: Vec<_> = mask.iter().map(|mask| mask.highest()).collect();
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
    fn exchange<W: Word>(&self, other: Seat, part: Vec<W>) -> Result<Vec<W>> {
        self.task.send_vector(other, TOPIC, &part)?;
        let others = self.task.receive_vector(other, TOPIC, part.len())?;
        Ok(add_vectors(&part, &others))
    }
}

/// Returns what makes numbers positive: half of the lower bits' range.
fn offset<W: Word>() -> W {
    W::power_of_two(W::RANGE_BITS)
}

/// Returns what the highest bit stands for, divided.
fn over<W: Word>(bits: u32) -> W {
    W::power_of_two(W::RANGE_BITS + 1 - bits)
}

/// Returns a part of what is added to the opened number's quotient: the mask's quotient less, and
/// the highest bit's where the sum went over it, as far as that depends on the mask.
fn corrected<W: Word>(opened: &[W], (quotient, highest): (&[W], &[W]), bits: u32) -> Vec<W> {
    let over = over::<W>(bits);
    let of_mask = quotient.iter().zip(highest);
    let corrected = opened.iter().zip(of_mask).map(|(opened, (&quotient, &highest))| {
        // The highest bits differ where it went over: c + m - 2cm.
        let factor = W::ONE - opened.highest() * W::from_u64(2);
        factor * highest * over - quotient
    });
    corrected.collect()
}

/// Returns the opened number's quotient, the other part of the correction, and takes the offset off.
fn opened_part<W: Word>(opened: W, bits: u32) -> W {
    opened.quotient(bits) + opened.highest() * over(bits) - offset::<W>().quotient(bits)
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
