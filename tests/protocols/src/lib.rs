//! Steps of protocols on random vectors, as often as it is asked for: what the benchmarks run in the
//! lab, as a component, and through nodes.

use std::hint::black_box;

use anchorhold_sdk::mpc::aggregation::{Modulus, Sign};
use anchorhold_sdk::mpc::replicated::{Replicated, Servers, Verified};
use anchorhold_sdk::mpc::spdz::Spdz;
use anchorhold_sdk::mpc::{
    Arithmetic, Domain as _, Fp61, Number as _, Numbers, Shared, Threshold, Z2_64,
};
use anchorhold_sdk::rand_core::Rng as _;
use anchorhold_sdk::{Description, Error, Result, Role, Seat, Security, Task, algorithm};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

algorithm!(describe, run);

/// What to do.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Arguments {
    /// Who computes.
    pub setting: Setting,
    /// The step.
    pub step: Step,
    /// On how many elements at once.
    pub length: usize,
    /// How often.
    pub times: u32,
}

/// Who computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Setting {
    /// Three parties, modulo 2^64.
    Replicated,
    /// Three parties, over 2^61 - 1 elements, one of whom may do anything.
    Verified,
    /// All but the last party, which deals.
    Provider,
}

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Shares of elements that nobody knows: by the three, drawn without a message (PRSS).
    Draw,
    /// Random factors and their products, by the provider.
    Triples,
    /// A mask on a vector modulo 2^26, under another seed each time.
    Mask,
    /// One party's elements become shares.
    Share,
    /// Products of elements.
    Multiply,
    /// Comparisons.
    Compare,
    /// Products of fixed-point numbers.
    MultiplyFixed,
    /// A perceptron 784-128-10 with the largest output's place, on so many inputs.
    Inference,
    /// The middle one of so many values of each of three parties, opened.
    Kth,
    /// Quotients of numbers at the ends of the range, all of which are opened and looked at.
    Truncate,
}

/// Says what this is.
pub fn describe() -> Description {
    let security = Security::semi_honest("Any.", "Nothing: the vectors are random.");
    Description::new(
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION"),
        env!("CARGO_PKG_DESCRIPTION"),
        security,
    )
    .role(Role::new("party", "Nothing.").at_least(3))
    .arguments::<Arguments>()
}

/// Does it, and returns how many elements went through the step.
///
/// # Errors
/// If a party leaves.
pub fn run(task: &mut Task, arguments: Arguments) -> Result<u64> {
    let Arguments { setting, step, length, times } = arguments;
    if step == Step::Mask {
        mask(task, length, times);
        return Ok(length as u64 * u64::from(times));
    }
    let servers = Servers::first(task)?;
    match setting {
        Setting::Replicated => {
            let mut parties = Replicated::<Z2_64>::new(task, servers)?;
            (0..times).try_for_each(|_| match step {
                Step::Draw => {
                    black_box(parties.random(length));
                    Ok(())
                }
                _ => number_step(&mut parties, step, length),
            })?;
        }
        Setting::Verified => {
            let mut parties = Verified::<Fp61>::new(task, servers)?;
            (0..times).try_for_each(|_| one_step(&mut parties, step, length))?;
            // All is checked before something is opened.
            let one = parties.public(&[Fp61::ONE]);
            parties.open(&one)?;
        }
        Setting::Provider => {
            let last = task.parties().len() - 1;
            let provider = Seat::new(u32::try_from(last).unwrap_or(u32::MAX));
            let mut parties = Spdz::new(task, provider)?;
            (0..times).try_for_each(|_| match step {
                Step::Draw => parties.random(length).map(drop),
                Step::Triples => parties.triples(length).map(drop),
                _ => number_step(&mut parties, step, length),
            })?;
            let one = parties.public(&[anchorhold_sdk::mpc::Fp127::ONE]);
            parties.open(&one)?;
        }
    }
    Ok(length as u64 * u64::from(times))
}

fn mask(task: &mut Task, length: usize, times: u32) {
    let modulus = Modulus::above((1 << 26) - 1).expect("it is not large");
    let mut vector = vec![0; length];
    for _ in 0..times {
        let mut seed = [0; 32];
        task.rng().fill_bytes(&mut seed);
        modulus.mask(black_box(&mut vector), seed, Sign::Plus);
    }
}

/// A step of any way of sharing.
fn one_step<A: Arithmetic>(parties: &mut A, step: Step, length: usize) -> Result<()> {
    match step {
        Step::Share => share(parties, length, A::Element::from_u64).map(drop),
        Step::Multiply => {
            let x = parties.public(&vec![A::Element::from_u64(3); length]);
            parties.multiply(&x, &x).map(drop)
        }
        _ => Err(Error::new("the setting has no such step")),
    }
}

/// A step on numbers.
fn number_step<A: Numbers>(parties: &mut A, step: Step, length: usize) -> Result<()> {
    let number = |number: i64| A::Element::from_integer(number.into());
    let threes = |parties: &A, length: usize| parties.public(&vec![number(3 << 16); length]);
    match step {
        Step::Share | Step::Multiply => one_step(parties, step, length),
        Step::Draw | Step::Triples | Step::Mask => Err(Error::new("the setting has no such step")),
        Step::Compare => {
            let x = threes(parties, length);
            parties.is_negative(&x).map(drop)
        }
        Step::MultiplyFixed => {
            let x = threes(parties, length);
            let product = parties.multiply(&x, &x)?;
            parties.truncate(&product, 16).map(drop)
        }
        Step::Inference => {
            let mut values = threes(parties, length * 784).into_matrix((length, 784));
            for (inputs, outputs) in [(784, 128), (128, 10)] {
                let weights = threes(parties, inputs * outputs).into_matrix((inputs, outputs));
                let sums = parties.times(&values, &weights)?.into_vector();
                let sums = parties.truncate(&sums, 16)?;
                let results = if inputs == 784 { parties.relu(&sums)? } else { sums };
                values = results.into_matrix((length, outputs));
            }
            let classes = parties.argmax(&values)?;
            parties.open(&classes).map(drop)
        }
        Step::Kth => {
            let own: Vec<i64> = (0..length as i64).map(|value| value * 40_503 % 65_536).collect();
            let is_dealer = parties.dealers().contains(&parties.task().seat());
            let all = length as u64 * parties.dealers().len() as u64;
            let number = parties.public(&[A::Element::from_u64(all)]);
            let enough = Threshold { factor: 2, number };
            let range = -(1 << 31)..=(1 << 31) - 1;
            parties.kth(is_dealer.then_some(&own), range, &enough).map(drop)
        }
        Step::Truncate => truncate(parties, length),
    }
}

fn share<A: Arithmetic>(
    parties: &mut A,
    length: usize,
    value: impl Fn(u64) -> A::Element,
) -> Result<Shared<A::Scheme>> {
    let first = Seat::FIRST;
    let own: Option<Vec<A::Element>> =
        (parties.task().seat() == first).then(|| (0..length as u64).map(value).collect());
    parties.share(first, own.as_deref(), length)
}

/// Divides numbers next to the ends of the range, to powers of two and to zero, and fails if a quotient
/// is off by one or more.
fn truncate<A: Numbers>(parties: &mut A, length: usize) -> Result<()> {
    const BITS: u32 = 16;
    let number = |place: u64| -> i64 {
        // Of both signs, from zero to 2^62, and a little less and more.
        let bit = place % 63;
        let near = (place / 126 % 64).cast_signed() - 32;
        let power = if bit == 62 { (1 << 62) - 33 } else { 1_i64 << bit };
        let positive = power.saturating_add(near).clamp(0, (1 << 62) - 1);
        if (place / 63).is_multiple_of(2) { positive } else { -positive - 1 }
    };
    let x = share(parties, length, |place| A::Element::from_integer(number(place).into()))?;
    let quotients = parties.truncate(&x, BITS)?;
    let opened = parties.open(&quotients)?;
    if !parties.dealers().contains(&parties.task().seat()) {
        return Ok(());
    }
    for (place, quotient) in (0..).zip(opened) {
        let number = i128::from(number(place));
        let off = quotient.to_integer() - (number >> BITS);
        let up = i128::from(number & ((1 << BITS) - 1) != 0);
        if !(0..=up).contains(&off) {
            let said = format!("{number} / 2^{BITS} is not {}", quotient.to_integer());
            return Err(Error::new(said));
        }
    }
    Ok(())
}
