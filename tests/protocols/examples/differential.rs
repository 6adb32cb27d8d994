//! Computes on random numbers in each way of sharing, and prints inputs and outputs as JSON, so that
//! another implementation can compute the same: see `tests/peers/differential.py`.
//!
//! The first argument is the seed.

#![allow(clippy::unwrap_used, reason = "what fails here fails the comparison")]

use anchorhold_sdk::lab::Lab;
use anchorhold_sdk::mpc::replicated::{Replicated, Servers};
use anchorhold_sdk::mpc::spdz::Spdz;
use anchorhold_sdk::mpc::{Domain as _, Number as _, Numbers, Shared, Threshold, Z2_64};
use anchorhold_sdk::rand_core::{Rng as _, SeedableRng as _};
use anchorhold_sdk::{Algorithm, ChaCha20Rng, Description, Result, Role, Seat, Security, Task};
use serde_json::{Value, json};

/// How many elements a vector has, and the shape that is made of it.
const LENGTH: usize = 40;
const SHAPE: (usize, usize) = (5, 8);
/// Fractional bits.
const BITS: u32 = 16;
/// Below 2^this are divisors, as integers.
const SIZE: u32 = 31;

/// Numbers of two parties, and a third vector that chooses.
struct Inputs {
    x: Vec<i64>,
    y: Vec<i64>,
    chooser: Vec<i64>,
}

fn main() {
    let seed = std::env::args().nth(1).and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let cases: Vec<Value> =
        ["replicated", "provider"].iter().flat_map(|setting| cases(setting, seed)).collect();
    println!("{}", json!({ "seed": seed, "cases": cases }));
}

fn cases(setting: &'static str, seed: u64) -> Vec<Value> {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let mut random = |bits: u32| -> Vec<i64> {
        (0..LENGTH).map(|_| rng.next_u64().cast_signed() >> (64 - bits)).collect()
    };
    // So that sums of products fit.
    let (x, mut y, mut z) = (random(28), random(28), random(28));
    // Some are the same, and some are near.
    (0..LENGTH).step_by(5).for_each(|place| y[place] = x[place]);
    (1..LENGTH).step_by(5).for_each(|place| y[place] = x[place] + 1);
    z.iter_mut().for_each(|z| *z &= 1);
    let small = |values: &[i64]| values.iter().map(|x| x >> 6).collect::<Vec<_>>();
    let positive =
        |values: &[i64]| values.iter().map(|x| x.abs().max(1) >> 1 | 1).collect::<Vec<_>>();
    let fraction = |x: &[i64]| x.iter().map(|x| *x as f64 / 65_536.0).collect::<Vec<_>>();
    let whole = Inputs { x: x.clone(), y: y.clone(), chooser: z.clone() };
    let fixed = Inputs { x: small(&x), y: positive(&y), chooser: z.clone() };
    let mut cases = Vec::new();
    for operation in [
        "multiply",
        "dot",
        "matrix-product",
        "less",
        "equal",
        "minimum",
        "maximum",
        "argmax",
        "select",
        "truncate",
        "kth",
        "median",
    ] {
        let output = computed(setting, operation, &whole);
        let inputs = match operation {
            "argmax" | "truncate" => vec![&x],
            "select" => vec![&z, &x, &y],
            _ => vec![&x, &y],
        };
        let output = match operation {
            "median" => json!([output.iter().sum::<i64>() as f64 / 2.0]),
            _ => json!(output),
        };
        let shape = if operation == "matrix-product" { json!([5, 8, 5]) } else { json!(SHAPE) };
        cases.push(json!({
            "name": format!("{operation} {setting}"), "operation": operation, "inputs": inputs,
            "output": output, "shape": shape, "k": LENGTH / 2, "bits": BITS, "tolerance": 0,
        }));
    }
    for operation in ["multiply-fixed", "relu", "reciprocal", "divide", "sigmoid"] {
        let output = computed(setting, operation, &fixed);
        let (x, y) = (fraction(&fixed.x), fraction(&fixed.y));
        let inputs = match operation {
            "relu" | "sigmoid" => vec![x],
            "reciprocal" => vec![y],
            _ => vec![x, y],
        };
        let last_place = 1.0 / 65_536.0;
        // As the operations state it, for the largest dividend and the smallest divisor.
        let tolerance = match operation {
            // Exact, but for how decimal fractions are read.
            "relu" => 1e-9,
            "sigmoid" => 2.2e-7 + 2.0 * last_place,
            // The other's product is rounded as well.
            "multiply-fixed" => 2.0 * last_place,
            _ => {
                let least = inputs.last().unwrap().iter().copied().fold(f64::INFINITY, f64::min);
                let of_reciprocal = 2_f64.powi(-26) / least + last_place;
                match operation {
                    "reciprocal" => of_reciprocal,
                    // No dividend is larger than 32.
                    _ => 32.0 * of_reciprocal + last_place,
                }
            }
        };
        cases.push(json!({
            "name": format!("{operation} {setting}"), "operation": operation, "inputs": inputs,
            "output": fraction(&output), "bits": BITS, "tolerance": tolerance,
        }));
    }
    cases
}

fn computed(setting: &'static str, operation: &'static str, inputs: &Inputs) -> Vec<i64> {
    let describe = || {
        let security = Security::semi_honest("Any.", "Nothing.");
        Description::new("differential", "1.0.0", "Computes.", security)
            .role(Role::new("party", "All.").at_least(3))
    };
    let Inputs { x, y, chooser } = inputs;
    let (x, y, chooser) = (x.clone(), y.clone(), chooser.clone());
    let run = move |task: &mut Task, _: Value| {
        let inputs = [&x[..], &y, &chooser];
        if setting == "replicated" {
            let servers = Servers::first(task)?;
            return opened(&mut Replicated::<Z2_64>::new(task, servers)?, operation, inputs);
        }
        opened(&mut Spdz::new(task, Seat::new(2))?, operation, inputs)
    };
    let report = Lab::new(Algorithm::new(describe, run)).parties(3).run();
    serde_json::from_value(report.result(0).clone()).unwrap()
}

fn opened<A: Numbers>(parties: &mut A, operation: &str, inputs: [&[i64]; 3]) -> Result<Vec<i64>> {
    if operation == "kth" {
        return kth(parties, inputs).map(|found| vec![found]);
    }
    let computed = match operation {
        "median" => middle(parties, inputs)?,
        _ => {
            let [x, y, chooser] = [0, 1, 0].map(Seat::new);
            let x = share(parties, x, inputs[0])?;
            let y = share(parties, y, inputs[1])?;
            let chooser = share(parties, chooser, inputs[2])?;
            compute(parties, operation, [x, y, chooser])?
        }
    };
    let opened = parties.open(&computed)?;
    Ok(opened.into_iter().map(|x| i64::try_from(x.to_integer()).unwrap()).collect())
}

fn share<A: Numbers>(parties: &mut A, of: Seat, values: &[i64]) -> Result<Shared<A::Scheme>> {
    let values: Vec<_> = values.iter().map(|x| A::Element::from_integer((*x).into())).collect();
    let own = (parties.task().seat() == of).then_some(&values[..]);
    parties.share(of, own, values.len())
}

fn compute<A: Numbers>(
    parties: &mut A,
    operation: &str,
    [x, y, chooser]: [Shared<A::Scheme>; 3],
) -> Result<Shared<A::Scheme>> {
    match operation {
        "multiply" => parties.multiply(&x, &y),
        "dot" => parties.dot(&x, &y),
        "matrix-product" => {
            let (left, right) = (x.into_matrix(SHAPE), y.into_matrix((SHAPE.1, SHAPE.0)));
            Ok(parties.times(&left, &right)?.into_vector())
        }
        "less" => parties.is_less(&x, &y),
        "equal" => parties.is_equal(&x, &y),
        "minimum" => parties.minimum(&x, &y),
        "maximum" => parties.maximum(&x, &y),
        "argmax" => parties.argmax(&x.into_matrix(SHAPE)),
        "select" => parties.select(&chooser, &x, &y),
        "truncate" => parties.truncate(&x, BITS),
        "multiply-fixed" => {
            let product = parties.multiply(&x, &y)?;
            parties.truncate(&product, BITS)
        }
        "relu" => parties.relu(&x),
        "reciprocal" => parties.reciprocal(&y, BITS, SIZE),
        "divide" => parties.divide(&x, &y, BITS, SIZE),
        "sigmoid" => parties.sigmoid(&x, BITS),
        other => panic!("there is no operation {other}"),
    }
}

/// The values of both parties together, one half each of the middle one.
fn kth<A: Numbers>(parties: &mut A, inputs: [&[i64]; 3]) -> Result<i64> {
    let none: &[i64] = &[];
    let seat = parties.task().seat();
    let own = [inputs[0], inputs[1], none][seat.index()];
    let is_dealer = parties.dealers().contains(&seat);
    let number = parties.public(&[A::Element::from_u64(LENGTH as u64 / 2)]);
    let enough = Threshold { factor: 1, number };
    parties.kth(is_dealer.then_some(own), -(1 << 33)..=1 << 33, &enough)
}

/// The two middle values in shares.
fn middle<A: Numbers>(parties: &mut A, inputs: [&[i64]; 3]) -> Result<Shared<A::Scheme>> {
    const OFFSET: i64 = 1 << 33;
    let mut bits = Vec::new();
    for bit in (0..34).rev() {
        let of = |values: &[i64]| -> Vec<i64> {
            values.iter().map(|x| (x + OFFSET) >> bit & 1).collect()
        };
        let (x, y) = (of(inputs[0]), of(inputs[1]));
        let (x, y) = (share(parties, Seat::new(0), &x)?, share(parties, Seat::new(1), &y)?);
        bits.push(x.concatenated(&y));
    }
    let element = |number: i64| A::Element::from_integer(number.into());
    let present = parties.public(&[element(1); 2 * LENGTH]);
    let enough = [LENGTH, LENGTH + 1].map(|k| Threshold {
        factor: 1,
        number: parties.public(&[A::Element::from_u64(k as u64)]),
    });
    let found = parties.kth_of_shared(&bits, &present, &enough)?;
    Ok(found.minus(&parties.public(&[element(OFFSET); 2])))
}
