//! That no number leaves the range in which it is truncated and compared: each of them is opened.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use anchorhold_sdk::lab::{Lab, Rows};
use anchorhold_sdk::mpc::replicated::Replicated;
use anchorhold_sdk::mpc::spdz::Spdz;
use anchorhold_sdk::mpc::{Setting, Z2_128};
use anchorhold_sdk::{Algorithm, Error, Seat, Task};
use serde_json::json;

use super::*;
use crate::Arguments;

/// Opens whatever is truncated or compared before.
struct Watched<A>(A);

impl<A: Numbers> Watched<A> {
    fn look(&mut self, x: &Shared<A::Scheme>, bits: u32) -> Result<()> {
        let limit = 1_i128 << bits;
        let is_within = |one: &A::Element| (-limit..limit).contains(&one.to_integer());
        match self.0.open(x)?.iter().all(is_within) {
            true => Ok(()),
            false => Err(Error::new("a number is out of its range")),
        }
    }
}

impl<A: Numbers> Arithmetic for Watched<A> {
    type Element = A::Element;
    type Scheme = A::Scheme;

    fn task(&self) -> &Task {
        self.0.task()
    }

    fn dealers(&self) -> Vec<Seat> {
        self.0.dealers()
    }

    fn share_from(
        &mut self,
        dealers: &[Seat],
        own: Option<&[A::Element]>,
        length: usize,
    ) -> Result<Vec<Shared<A::Scheme>>> {
        self.0.share_from(dealers, own, length)
    }

    fn public(&self, values: &[A::Element]) -> Shared<A::Scheme> {
        self.0.public(values)
    }

    fn multiply(
        &mut self,
        x: &Shared<A::Scheme>,
        y: &Shared<A::Scheme>,
    ) -> Result<Shared<A::Scheme>> {
        self.0.multiply(x, y)
    }

    fn times(
        &mut self,
        x: &SharedMatrix<A::Scheme>,
        y: &SharedMatrix<A::Scheme>,
    ) -> Result<SharedMatrix<A::Scheme>> {
        self.0.times(x, y)
    }

    fn open(&mut self, x: &Shared<A::Scheme>) -> Result<Vec<A::Element>> {
        self.0.open(x)
    }

    fn open_to(
        &mut self,
        receiver: Seat,
        x: &Shared<A::Scheme>,
    ) -> Result<Option<Vec<A::Element>>> {
        self.0.open_to(receiver, x)
    }
}

impl<A: Numbers> Numbers for Watched<A> {
    fn is_negative(&mut self, x: &Shared<A::Scheme>) -> Result<Shared<A::Scheme>> {
        self.look(x, A::Element::RANGE_BITS)?;
        self.0.is_negative(x)
    }

    fn is_zero(&mut self, x: &Shared<A::Scheme>) -> Result<Shared<A::Scheme>> {
        self.look(x, A::Element::RANGE_BITS)?;
        self.0.is_zero(x)
    }

    fn truncate(&mut self, x: &Shared<A::Scheme>, bits: u32) -> Result<Shared<A::Scheme>> {
        self.look(x, A::Element::PRODUCT_BITS)?;
        self.0.truncate(x, bits)
    }
}

fn run(task: &mut Task, arguments: Arguments) -> Result<Option<Vec<f64>>> {
    let plan = Plan::new(task, &arguments)?;
    let input = Input::read(task, &plan)?;
    // The provider has no rows; it takes the number from an argument that fits.
    let rows = input.rows.unwrap_or(usize::try_from(arguments.max_rows).map_err(Error::new)?);
    match plan.setting {
        Setting::Provider(seat) => fit(&mut Watched(Spdz::new(task, seat)?), &plan, &input, rows),
        Setting::Servers(servers) => {
            let parties = Replicated::<Z2_128>::new(task, servers)?;
            fit(&mut Watched(parties), &plan, &input, rows)
        }
    }
}

/// What is hard for a model: the outcome and the features, which are as near to one end of their bounds
/// as they may be.
fn hard(model: &str, rows: usize, width: usize, kind: usize) -> [Vec<Vec<f64>>; 2] {
    // The first row is far from all others, or half of them are; or all differ a little.
    let base = |row: usize| match kind {
        0 => f64::from(row == 0),
        1 => f64::from(row.is_multiple_of(2)),
        _ => (row as f64 * 0.7).sin() / 2.0 + 0.5,
    };
    let feature = |place: usize| {
        let little = |row: usize| ((row * (place + 3)) as f64).sin() * 1e-3;
        let sign = if place.is_multiple_of(3) { -1.0 } else { 1.0 };
        (0..rows).map(|row| sign * base(row) + if kind == 2 { little(row) } else { 0.0 }).collect()
    };
    let outcome = match model {
        "ridge" => (0..rows).map(|row| -base(row)).collect(),
        _ => (0..rows).map(|row| f64::from(base(row) > 0.5)).collect(),
    };
    [vec![outcome], (0..width).map(feature).collect()]
}

#[test]
fn no_number_leaves_its_range_however_hard_the_data_are() {
    for (third, smallest) in [("provider", 0.001), ("helper", 0.001)] {
        for (model, rows, width, iterations) in
            [("ridge", 40, 24, 1), ("logistic", 40, 12, 40), ("logistic", 1_100, 2, 6)]
        {
            for (kind, penalty) in [(0, smallest), (1, smallest), (2, smallest), (1, 10.0)] {
                let [outcome, features] = hard(model, rows, width, kind);
                // As far away as a deviation allows.
                let far = match kind {
                    0 if rows > 1_000 => 60.0,
                    0 => 500.0,
                    1 => 2_000.0,
                    _ => 1_000.0,
                };
                let column = |place: usize| json!({ "name": format!("x{place}"), "minimum": -far, "maximum": 2.0 });
                let columns: Vec<_> = (0..width).map(column).collect();
                let mut lab = Lab::new(Algorithm::new(crate::describe, run));
                lab.party("north", "holder").party("south", "holder").party("third", third);
                lab.arguments(json!({
                    "model": model, "penalty": penalty, "iterations": iterations, "max_rows": rows,
                    "outcome": { "holder": "north", "name": "y", "minimum": -far, "maximum": 1 },
                    "features": [[], columns],
                }));
                lab.dataset(0, "records", &Rows::new().float64("y", outcome[0].clone()));
                let with_column = |rows: Rows, (place, values): (usize, &Vec<f64>)| {
                    rows.float64(&format!("x{place}"), values.clone())
                };
                let south = features.iter().enumerate().fold(Rows::new(), with_column);
                let report = lab.dataset(1, "records", &south).run();
                assert!(report.result(0).is_array(), "{third} {model} {kind} {penalty}");
            }
        }
    }
}
