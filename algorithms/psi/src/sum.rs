//! The output `sum`: the modeller learns how many elements both have, and the sum of a column of the pod over
//! them. After "On Deploying Secure Computation: Private Intersection-Sum-with-Cardinality" (Ion et al.,
//! ePrint 2019/723), but that here the one who asks learns the result, and the other nothing.
//!
//! **Parties**: the modeller; the pod, with a value for each element and an ElGamal key s, fresh for each
//! task, beside the secret of `ecdh`.
//!
//! **Messages**: the pod's public key sG. With each token of its set an encryption of the value less the
//! smallest one possible, v: aG and a sG + vG. Replies come permuted, so that the modeller does not see which
//! of its elements have a token. It adds the encryptions of those that have one, to C and D, and sends C + rG
//! for a random r (`sum-asked`); the pod multiplies it by s (`sum-reply`); the modeller takes off r sG, has
//! sC, and finds the sum of v as that of which D - sC is the multiple.
//!
//! **Assumes** two parties that follow the protocol, and the decisional Diffie-Hellman assumption.
//!
//! **Leaks** to the modeller nothing but count and sum, and to the pod nothing: C + rG is uniform. If fewer
//! elements are shared than are required, the modeller sends rG alone, which looks the same.
//!
//! **Does not protect** against a modeller that does not follow it: it can ask for the value of a single
//! element, and whether it has asked for a sum of too few, nobody can see. Nor against a pod that encrypts
//! other values than it has; a sum that the bounds exclude is noticed.

use anchorhold_sdk::{ChaCha20Rng, Decimal, Error, Result, Seat, TableError, Task};
use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity as _;

use crate::DATASET;
use crate::discrete_log::discrete_log;
use crate::exchange::{receive, say};
use crate::group::{ELEMENT, Group as _, Ristretto, decode_one, encode_doubled};
use crate::plan::Plan;
use crate::set::Set;
use crate::wrong::Wrong;

/// The bytes of an encryption.
pub const ENCRYPTION: usize = 2 * ELEMENT;

/// The pod's part.
pub struct Pod {
    secret: Scalar,
    /// Of each element, the value less the smallest one possible.
    values: Vec<u64>,
}

impl Pod {
    /// Reads the column and draws the key.
    ///
    /// # Errors
    /// If a value of a row that has a key is null, or it or what the values of one key come to is not within
    /// the bounds.
    pub fn new(task: &mut Task, plan: &Plan, name: &str, set: &Set) -> Result<Self> {
        let decimal = plan.decimal()?;
        let totals = totals(task, name, &decimal, set)?;
        let values = totals.into_iter().map(|total| match total {
            // Only to fill the set up.
            None => Ok(0),
            Some(total) if decimal.can_be_sum(total, 1) => Ok(total.abs_diff(plan.smallest())),
            Some(_) => Err(Error::new(format!(
                "the column {name:?}: the values of one key come to a sum outside the declared bounds"
            ))),
        });
        let values = values.collect::<Result<_>>()?;
        Ok(Self { secret: Ristretto::random(task.rng()), values })
    }

    /// Returns the public key.
    pub fn public_key(&self) -> Vec<u8> {
        RistrettoPoint::mul_base(&self.secret).compress().to_bytes().to_vec()
    }

    /// Encrypts the values of elements.
    pub fn encrypt(&self, elements: &[u32], rng: &mut ChaCha20Rng) -> Vec<[u8; ENCRYPTION]> {
        let mut halves = Vec::with_capacity(2 * elements.len());
        for element in elements {
            let random = Ristretto::random(rng);
            let value = Scalar::from(self.values[*element as usize]);
            for exponent in [random, random * self.secret + value] {
                halves.push(RistrettoPoint::mul_base(&exponent.div_by_2()));
            }
        }
        let encoded = encode_doubled(&halves);
        let (encryptions, _) = encoded.as_flattened().as_chunks();
        encryptions.to_vec()
    }

    /// Helps to decrypt one sum.
    ///
    /// # Errors
    /// [`Error::Said`] if the message is no element.
    pub fn answer(&self, task: &Task, modeller: Seat) -> Result<()> {
        let asked = receive(task, modeller, "sum-asked", ELEMENT)?;
        let asked = element(&asked).map_err(|wrong| say(modeller, "sum-asked", wrong))?;
        task.send_bytes(modeller, "sum-reply", &(asked * self.secret).compress().to_bytes())
    }
}

/// Returns what the values of each element's rows come to; none where it has no rows. A sum that leaves the
/// integers of 64 bits is as large as these can be, and so out of all bounds.
fn totals(task: &Task, name: &str, decimal: &Decimal, set: &Set) -> Result<Vec<Option<i64>>> {
    let table = task.table(DATASET)?;
    table.column(name)?; // also where there are no rows
    let mut totals = vec![None; set.elements.len()];
    let by_row = set.elements_by_row();
    let mut with_key = by_row.iter().peekable();
    let mut row = 0;
    for batch in table.batches() {
        for number in batch?.numbers(name)?.iter() {
            if let Some((element, _)) = with_key.next_if(|(_, keyed)| *keyed == row) {
                let number = number.ok_or_else(|| TableError::Null {
                    dataset: DATASET.to_owned(),
                    column: name.to_owned(),
                    row: row.into(),
                })?;
                let value = decimal.encode(number);
                let value =
                    value.map_err(|error| Error::new(format!("the column {name:?}: {error}")))?;
                let total = &mut totals[*element as usize];
                *total = Some(total.unwrap_or(0_i64).saturating_add(value));
            }
            row += 1;
        }
    }
    Ok(totals)
}

/// The modeller's part.
pub struct Modeller {
    key: RistrettoPoint,
    sums: [RistrettoPoint; 2],
}

impl Modeller {
    /// Takes the pod's public key.
    ///
    /// # Errors
    /// If it is no element, or the identity.
    pub fn new(key: &[u8]) -> Result<Self, Wrong> {
        Ok(Self { key: element(key)?, sums: [RistrettoPoint::identity(); 2] })
    }

    /// Adds an encryption to the sum.
    ///
    /// # Errors
    /// If it is none.
    pub fn add(&mut self, encryption: &[u8; ENCRYPTION]) -> Result<(), Wrong> {
        let (parts, _) = encryption.as_chunks::<ELEMENT>();
        for (sum, part) in self.sums.iter_mut().zip(parts) {
            *sum += decode_one(part)?;
        }
        Ok(())
    }

    /// Asks the pod for its part of the decryption and returns the sum, at most this; or asks for nothing,
    /// which looks the same.
    ///
    /// # Errors
    /// [`Error::Said`] if the reply is no element, or the sum not possible.
    pub fn finish(&self, task: &mut Task, pod: Seat, most: Option<u64>) -> Result<Option<u64>> {
        let random = Ristretto::random(task.rng());
        let [first, second] = self.sums;
        let wanted = if most.is_some() { first } else { RistrettoPoint::identity() };
        let asked = wanted + RistrettoPoint::mul_base(&random);
        task.send_bytes(pod, "sum-asked", &asked.compress().to_bytes())?;
        let wrong = |wrong| say(pod, "sum-reply", wrong);
        let reply = receive(task, pod, "sum-reply", ELEMENT)?;
        let reply = element(&reply).map_err(wrong)?;
        let Some(most) = most else { return Ok(None) };
        let sum = second - (reply - self.key * random);
        discrete_log(&sum, most).map(Some).ok_or_else(|| wrong(Wrong::Sum))
    }
}

fn element(bytes: &[u8]) -> Result<RistrettoPoint, Wrong> {
    decode_one(bytes.try_into().map_err(|_| Wrong::Element)?)
}
