#![allow(clippy::unwrap_used, reason = "a test may panic")]

use anchorhold_sdk::lab::Lab;
use anchorhold_sdk::mpc::replicated::Replicated;
use anchorhold_sdk::mpc::spdz::Spdz;
use anchorhold_sdk::mpc::{Setting, Z2_128};
use anchorhold_sdk::{Algorithm, Description, Role, Seat, Security, Task};

use super::*;

fn describe() -> Description {
    let security = Security::semi_honest("None.", "Everything.");
    Description::new("sigmoids", "1.0.0", "Opens the function of numbers.", security)
        .role(Role::new("party", "Them.").at_least(2))
}

fn opened<A: Numbers>(parties: &mut A, numbers: &[f64], bits: u32) -> Result<Vec<f64>> {
    let numbers: Vec<_> = numbers.iter().map(|number| fixed(*number, bits)).collect();
    // Shared by the first one, so that the shares are no zeros.
    let is_first = parties.task().seat() == Seat::FIRST;
    let shared = parties.share(Seat::FIRST, is_first.then_some(&numbers[..]), numbers.len())?;
    let result = sigmoid(parties, &shared, bits)?;
    let scale = f64::from(1 << 20) * f64::from(1 << (bits - 20));
    Ok(parties.open(&result)?.iter().map(|one| one.to_integer() as f64 / scale).collect())
}

fn run(task: &mut Task, numbers: Vec<f64>) -> Result<Vec<f64>> {
    match Setting::of(task, "provider")? {
        Setting::Provider(seat) => opened(&mut Spdz::new(task, seat)?, &numbers, 30),
        Setting::Servers(servers) => {
            opened(&mut Replicated::<Z2_128>::new(task, servers)?, &numbers, 40)
        }
    }
}

#[test]
fn it_is_off_by_no_more_than_stated_on_all_of_the_line() {
    let near = (-4_000..=4_000).map(|step| f64::from(step) / 200.0);
    let far = [-16.0, 16.0, -15.999_999, 15.999_999, -1e3, 1e3, -1e5, 1e5, 1e-6, -1e-6, 0.0];
    let numbers: Vec<_> = near.chain(far).collect();
    for (has_provider, last_place) in [(false, 1e-12), (true, 1e-9)] {
        let mut lab = Lab::new(Algorithm::new(describe, run));
        lab.parties(if has_provider { 2 } else { 3 });
        if has_provider {
            lab.party("dealer", "provider");
        }
        lab.arguments(&numbers);
        let report = lab.run();
        let found = report.result(0).as_array().unwrap();
        assert_eq!(found.len(), numbers.len());
        for (number, found) in numbers.iter().zip(found) {
            let expected = 1.0 / (1.0 + (-number).exp());
            let error = (found.as_f64().unwrap() - expected).abs();
            assert!(error <= 2.2e-7 + 2.0 * last_place, "{number}: {error:e}");
        }
    }
}
