//! A hundred workers, of whom some leave in each round.

use serde_json::{Value, json};

use crate::{MODELLER, is_average_of, lab};

const WORKERS: usize = 100;

fn small_states() -> Vec<Value> {
    let number = |worker: usize| ((worker * 37) % 100) as f64 / 10.0 - 5.0;
    (0..WORKERS).map(|worker| json!({ "x": [number(worker), -1.5] })).collect()
}

#[test]
fn of_a_hundred_workers_some_leave_in_each_round() {
    let states = small_states();
    let mut lab = lab(&states, &json!({ "active": true }));
    // One never comes. Others leave before their shares, before they say whose came, before their vectors,
    // before they compare, and before they unmask.
    let never = WORKERS;
    let [shares, received, masked, told, unmasking] = [1..4, 11..14, 21..25, 31..35, 41..45];
    lab.absent(never);
    let others = |worker: usize| (1..never).filter(move |other| *other != worker);
    for worker in shares.clone() {
        lab.drop_message(worker, MODELLER, 1);
        others(worker).for_each(|other| _ = lab.drop_message(worker, other, 1));
    }
    received.clone().for_each(|worker| _ = lab.drop_message(worker, MODELLER, 1));
    masked.clone().for_each(|worker| _ = lab.drop_message(worker, MODELLER, 2));
    let left = |worker: &usize| {
        [&shares, &received, &masked].iter().any(|leaving| leaving.contains(worker))
    };
    for worker in told {
        lab.drop_message(worker, MODELLER, 3);
        let survives = |other: &usize| !left(other);
        others(worker).filter(survives).for_each(|other| _ = lab.drop_message(worker, other, 2));
    }
    unmasking.for_each(|worker| _ = lab.drop_message(worker, MODELLER, 3));
    let report = lab.run();
    let stayed: Vec<usize> = (1..never).filter(|worker| !left(worker)).collect();
    assert_eq!(stayed.len(), 89);
    let result = report.result(MODELLER);
    let names: Vec<_> = stayed.iter().map(|worker| format!("worker-{worker}")).collect();
    assert_eq!(result["workers"], json!(names));
    let of: Vec<_> = stayed.iter().map(|worker| &states[worker - 1]).collect();
    is_average_of(result, &of, &vec![1; of.len()]);
    assert_eq!(report.result(50)["workers"], result["workers"]);
}
