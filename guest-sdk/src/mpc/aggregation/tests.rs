//! Rounds in the lab, of givers that leave and come back.

mod copied_key;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::*;
use crate::lab::{Failure, Lab};
use crate::{Algorithm, Description, Role, Security};

const ADDER: usize = 0;
const GIVERS: usize = 5;
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Serialize, Deserialize, schemars::JsonSchema)]
struct Arguments {
    rounds: u32,
    compares: bool,
    /// Whether who does not answer is absent.
    patient: bool,
}

fn describe() -> Description {
    Description::new("sums", "1.0.0", "Adds.", Security::semi_honest("Most.", "Who is there."))
        .role(Role::new("adder", "Sums."))
        .role(Role::new("giver", "Who is there.").at_least(3))
}

/// The vector of a giver in a round.
fn vector(giver: usize, round: u32) -> Vec<u64> {
    vec![1 << (4 * giver), u64::from(round)]
}

/// Each round in turn, which the adder announces; a giver takes part in the newest one that it finds.
fn run(task: &mut Task, arguments: Arguments) -> Result<Vec<(u32, String)>> {
    let group = Group {
        adder: Seat::new(ADDER as u32),
        givers: task.seats_of("giver").collect(),
        threshold: if arguments.compares { 4 } else { 3 },
        length: 2,
        modulus: Modulus::above(1 << 40).unwrap(),
        compares: arguments.compares,
        patience: arguments.patient.then_some(PATIENCE),
    };
    let own = group.place(task.seat());
    let mut sums = MaskedSums::new(group);
    let mut came_to = Vec::new();
    for round in 1..=arguments.rounds {
        let Some(own) = own else {
            task.broadcast("round", &round)?;
            let sum = sums
                .meet(task, round, &round.to_le_bytes())
                .and_then(|met| sums.collect(task, met));
            came_to.push((round, said(sum.map(|(sum, of)| (sum, of.iter().collect())))?));
            continue;
        };
        let mut newest: u32 = task.receive(Seat::FIRST, "round")?;
        while let Ok(later) =
            task.inbox().from(Seat::FIRST).topic("round").within(Duration::ZERO).value()
        {
            newest = later.body;
        }
        let given = sums.meet(task, newest, &newest.to_le_bytes()).and_then(|met| {
            let given = sums.give(task, met, vector(own, newest))?;
            Ok((Vec::new(), given.iter().collect()))
        });
        came_to.push((newest, said(given)?));
        if newest == arguments.rounds {
            break;
        }
    }
    Ok(came_to)
}

fn said(stopped: Result<(Vec<u64>, Vec<usize>), Stopped>) -> Result<String> {
    Ok(match stopped {
        Ok((sum, of)) => format!("{sum:x?} of {of:?}"),
        Err(Stopped::Failed(error)) => return Err(error),
        Err(other) => other.to_string(),
    })
}

fn lab(rounds: u32, compares: bool) -> Lab {
    let mut lab = Lab::new(Algorithm::new(describe, run));
    lab.party("adder", "adder");
    for giver in 0..GIVERS {
        lab.party(&format!("giver-{giver}"), "giver");
    }
    lab.arguments(json!({ "rounds": rounds, "compares": compares, "patient": true }));
    lab
}

/// What the adder says of a round with these givers.
fn sum_of(round: u32, givers: &[usize]) -> Value {
    let sum: u64 = givers.iter().map(|giver| vector(*giver, round)[0]).sum();
    json!([round, format!("[{sum:x}, {:x}] of {givers:?}", u64::from(round) * givers.len() as u64)])
}

/// The place among a giver's messages to the adder of the one of a step, in a round that is whole.
const KEYS: usize = 0;
const RECEIVED: usize = 1;
const MASKED: usize = 2;
const SHARES: usize = 3;

#[test]
fn sums_of_many_rounds_are_right_and_their_masks_are_fresh() {
    for compares in [false, true] {
        let report = lab(4, compares).run();
        let rounds: Vec<_> = (1..=4).map(|round| sum_of(round, &[0, 1, 2, 3, 4])).collect();
        assert_eq!(report.result(ADDER), &json!(rounds));
        for topic in ["keys", "masked"] {
            let sent = report.trace().iter().filter(|sent| (sent.from, sent.to) == (2, ADDER));
            let mut bodies: Vec<_> =
                sent.filter(|sent| sent.topic == topic).map(|sent| &sent.body[4..]).collect();
            assert_eq!(bodies.len(), 4);
            bodies.sort_unstable();
            bodies.dedup();
            assert_eq!(bodies.len(), 4, "{topic} of no two rounds are the same");
        }
    }
}

#[test]
fn a_giver_that_is_late_in_a_step_is_absent_from_that_round_and_back_in_a_later_one() {
    for compares in [false, true] {
        for step in [KEYS, RECEIVED, MASKED, SHARES] {
            let mut lab = lab(8, compares);
            // All of it in the second round.
            lab.delay_message(3, ADDER, 4 + step, PATIENCE * 5);
            let report = lab.run();
            let of = |round: u32| report.result(ADDER)[round as usize - 1].clone();
            assert_eq!(of(1), sum_of(1, &[0, 1, 2, 3, 4]));
            match step {
                SHARES => assert_eq!(of(2), sum_of(2, &[0, 1, 2, 3, 4])),
                _ => assert_eq!(of(2), sum_of(2, &[0, 1, 3, 4]), "{compares} {step}"),
            }
            assert_eq!(of(8), sum_of(8, &[0, 1, 2, 3, 4]), "{compares} {step}");
            let own = report.result(3).as_array().unwrap();
            let left_out =
                own.iter().filter(|round| round[1] == "the sum is made without this party");
            assert!(left_out.count() > 0 || step == SHARES);
            assert_eq!(own.last().unwrap()[0], 8);
        }
    }
}

#[test]
fn a_giver_that_hears_late_takes_part_in_the_newest_round() {
    let mut lab = lab(12, false);
    // The second announcement, and what follows it.
    lab.delay_message(ADDER, 3, 4, PATIENCE * 4);
    let report = lab.run();
    let own: Vec<u64> = report
        .result(3)
        .as_array()
        .unwrap()
        .iter()
        .map(|round| round[0].as_u64().unwrap())
        .collect();
    assert!(own.len() < 12, "{own:?}");
    assert!(own.is_sorted() && own.last() == Some(&12), "{own:?}");
    assert_eq!(report.result(ADDER)[1], sum_of(2, &[0, 1, 3, 4]));
    assert_eq!(report.result(ADDER)[11], sum_of(12, &[0, 1, 2, 3, 4]));
}

#[test]
fn givers_that_do_not_hear_one_another_are_not_both_included() {
    for (index, topic) in [(2, "keys"), (3, "deal")] {
        let mut lab = lab(4, false);
        lab.delay_message(1, 2, index, PATIENCE * 20);
        let report = lab.run();
        let sent = report.trace().iter().filter(|sent| (sent.from, sent.to) == (1, 2));
        assert_eq!(sent.collect::<Vec<_>>()[index].topic, topic);
        assert_eq!(report.result(ADDER)[0], sum_of(1, &[0, 1, 2, 3, 4]));
        assert_eq!(report.result(ADDER)[1], sum_of(2, &[0, 2, 3, 4]), "{topic}");
    }
}

#[test]
fn a_round_of_too_few_has_no_sum_and_a_later_one_has() {
    for step in [KEYS, RECEIVED, MASKED, SHARES] {
        let mut lab = lab(12, false);
        for giver in [1, 3, 5] {
            lab.delay_message(giver, ADDER, 4 + step, PATIENCE * 6);
        }
        let report = lab.run();
        let result = report.result(ADDER);
        assert_eq!(result[1], json!([2, "2 givers are there, and more are needed"]), "{step}");
        assert_eq!(result[11], sum_of(12, &[0, 1, 2, 3, 4]), "{step}");
        if step != SHARES {
            let others = report.result(2)[1][1].as_str().unwrap().to_owned();
            assert_eq!(others, "0 givers are there, and more are needed");
        }
    }
}

#[test]
fn a_giver_that_ends_is_gone_for_good() {
    for step in [KEYS, RECEIVED, MASKED, SHARES] {
        let mut lab = lab(3, false);
        lab.drop_message(4, ADDER, 4 + step);
        let report = lab.run();
        let result = report.result(ADDER);
        match step {
            SHARES => assert_eq!(result[1], sum_of(2, &[0, 1, 2, 3, 4])),
            _ => assert_eq!(result[1], sum_of(2, &[0, 1, 2, 4])),
        }
        assert_eq!(result[2], sum_of(3, &[0, 1, 2, 4]));
    }
}

#[test]
fn who_waits_for_an_adder_that_has_ended_is_told() {
    // Announcements, and of each round who came, is included and has survived.
    for index in 0..8 {
        let mut lab = lab(2, false);
        lab.drop_message(ADDER, 2, index);
        let report = lab.run();
        let Failure::Returned(Error::PeerEnded { seat, .. }) = report.failure(2) else {
            panic!("it is an error");
        };
        assert_eq!(*seat, Some(Seat::FIRST));
    }
}

#[test]
fn a_message_of_another_round_is_not_taken_for_one_of_this() {
    for round in [0_u32, 1, 9, u32::MAX] {
        for step in [KEYS, RECEIVED, MASKED, SHARES] {
            let mut lab = lab(3, false);
            lab.corrupt_message(3, ADDER, 4 + step, move |body| {
                body[..4].copy_from_slice(&round.to_le_bytes());
            });
            let report = lab.run();
            let result = report.result(ADDER);
            match step {
                SHARES => assert_eq!(result[1], sum_of(2, &[0, 1, 2, 3, 4])),
                _ => assert_eq!(result[1], sum_of(2, &[0, 1, 3, 4]), "{round} {step}"),
            }
            // Otherwise it has gone on to rounds that nobody else is in.
            if round < 2 {
                assert_eq!(result[2], sum_of(3, &[0, 1, 2, 3, 4]), "{round} {step}");
            }
        }
    }
}

#[test]
fn messages_of_another_length_are_refused() {
    for step in [KEYS, RECEIVED, MASKED, SHARES] {
        for change in
            [Vec::clear, |body| body.truncate(3), |body| body.push(0)] as [fn(&mut Vec<u8>); 3]
        {
            let mut lab = lab(2, false);
            // The first that is waited for.
            lab.corrupt_message(1, ADDER, 4 + step, change);
            let sentence = lab.run().failure(ADDER).to_string();
            assert!(sentence.contains("of seat 1: it has"), "{sentence}");
        }
    }
}

#[test]
fn a_giver_that_finds_too_few_others_is_not_waited_for() {
    for (step, index) in [("keys", 2), ("deal", 3)] {
        let mut lab = lab(3, false);
        lab.arguments(json!({ "rounds": 3, "compares": false, "patient": false }));
        // In the second round seat 3 loses all but one of the others.
        for other in [1, 2, 4] {
            lab.drop_message(other, 3, index);
        }
        let report = lab.run();
        for round in [2, 3] {
            let sum = &report.result(ADDER)[round as usize - 1];
            assert_eq!(sum, &sum_of(round, &[0, 1, 3, 4]), "{step}");
            let own = &report.result(3)[round as usize - 1][1];
            assert_eq!(own, "2 givers are there, and more are needed", "{step}");
        }
    }
}
