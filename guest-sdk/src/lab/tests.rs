use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use rand_core::Rng as _;
use serde_json::{Value, json};

use super::{Deviation, Failure, Lab, local_seed};
use crate::{Algorithm, Description, Ending, Error, Result, Role, Seat, Security, Task};

fn describe() -> Description {
    let security = Security::semi_honest("All.", "Nothing.");
    Description::new("lab", "1.0.0", "Tests the lab.", security)
        .role(Role::new("party", "Nothing.").at_least(1))
}

fn algorithm(run: impl Fn(&mut Task) -> Result<Value> + Send + Sync + 'static) -> Algorithm {
    Algorithm::new(describe, move |task: &mut Task, _: serde::de::IgnoredAny| run(task))
}

fn lab(parties: usize, run: fn(&mut Task) -> Result<Value>) -> Lab {
    let mut lab = Lab::new(algorithm(run));
    lab.parties(parties);
    lab
}

#[test]
fn the_seed_of_a_party_is_the_hash_that_every_local_run_uses() {
    // SHA-256 of "anchorhold/1 local-seed", 0, 7 as u64, 1 as u32, 2 as u32, little-endian.
    let hash = "be546daa38601b2d37272e327f6a931fa25997ea0ff8b55454ca0a60bdf68bd0";
    assert_eq!(super::hex(&local_seed(7, 1, Seat::new(2))), hash);
}

#[test]
fn random_numbers_differ_between_seeds_tasks_and_seats_and_in_nothing_else() {
    let mut draws = Vec::new();
    for seed in [1, 1, 2] {
        let mut lab = lab(2, |task| Ok(json!([task.rng().next_u64(), task.rng().next_u64()])));
        lab.seed(seed);
        for _ in 0..2 {
            let report = lab.run();
            draws.extend([0, 1].map(|seat| report.result(seat).clone()));
        }
    }
    let repeated = draws.split_off(4);
    assert_eq!(draws, repeated[..4]);
    let mut all: Vec<String> =
        [draws, repeated[4..].to_vec()].concat().iter().map(Value::to_string).collect();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 8);
}

#[test]
fn a_party_knows_its_task() {
    let mut lab = Lab::new(algorithm(|task| {
        let names: Vec<_> = task.parties().iter().map(|party| &party.organization).collect();
        let pods: Vec<_> = task.seats_of("pod").map(Seat::number).collect();
        let others: Vec<_> = task.others().map(Seat::number).collect();
        assert_eq!(task.run_id().len(), 64);
        assert_ne!(task.run_id(), task.task_id());
        let ring = [task.previous().number(), task.next().number()];
        Ok(json!([task.role(), task.seat().number(), names, pods, others, ring]))
    }));
    lab.party("north", "modeller").party("south", "pod").party("west", "pod");
    let expected = json!(["pod", 1, ["north", "south", "west"], [1, 2], [0, 2], [0, 2]]);
    assert_eq!(lab.run().result(1), &expected);
}

#[test]
fn a_deadlock_says_who_waits_for_whom() {
    let report = lab(3, |task| match task.seat().number() {
        0 => task.receive(Seat::new(1), "x"),
        1 => task.inbox().message().map(|message| message.body.into()),
        _ => {
            let ended = task.receive::<u8>(Seat::new(0), "y").map(Value::from);
            panic!("a party that is stopped does not go on, but got {ended:?}")
        }
    })
    .run();
    let waits = "deadlock: seat 0 waits for seat 1 (\"x\"), seat 1 waits for any party, \
                 seat 2 waits for seat 0 (\"y\")";
    for seat in 0..3 {
        assert_eq!(report.failure(seat).to_string(), waits);
    }
}

#[test]
fn a_party_that_waits_with_a_timeout_is_not_in_a_deadlock() {
    let report = lab(2, |task| match task.seat() {
        Seat::FIRST => Ok(task.receive::<u8>(task.next(), "x")?.into()),
        _ => {
            let inbox = task.inbox().within(Duration::from_secs(1));
            assert!(matches!(inbox.message(), Err(Error::TimedOut { .. })));
            task.send(task.next(), "x", &5_u8)?;
            Ok(Value::Null)
        }
    })
    .run();
    assert!(report.outcomes().iter().all(Result::is_ok));
}

#[test]
fn a_panic_is_the_partys_failure_and_its_peers_are_told() {
    let report = lab(2, |task| match task.seat() {
        Seat::FIRST => panic!("{} is too much", 7),
        _ => task.receive(Seat::FIRST, "x"),
    })
    .run();
    assert!(matches!(report.failure(0), Failure::Panicked(text) if text == "7 is too much"));
    assert!(matches!(
        report.failure(1),
        Failure::Returned(Error::PeerEnded { ending: Ending::Failed, .. })
    ));
}

#[test]
fn malformed_arguments_are_an_error_that_says_where() {
    let run = |_: &mut Task, (a, b): (u8, u8)| Ok(a + b);
    let mut lab = Lab::new(Algorithm::new(describe, run));
    lab.parties(3).arguments((1, 2)).arguments_of(1, (1, "x")).argument_bytes(2, b"[1,");
    let report = lab.run();
    assert_eq!(report.result(0), 3);
    let texts = [1, 2].map(|seat| report.failure(seat).to_string());
    assert!(texts[0].starts_with("the arguments are malformed: invalid type: string"), "{texts:?}");
    assert!(texts[1].starts_with("the arguments are malformed: EOF while"), "{texts:?}");
}

#[test]
fn the_log_has_the_lines_that_a_node_shows() {
    let report = lab(1, |task| {
        task.info("first\nsecond");
        task.warn("third");
        task.progress(1, 3, "adding\nthings");
        Ok(Value::Null)
    })
    .run();
    let lines = ["info: first", "info: second", "warning: third", "@progress 1/3 adding things"];
    assert_eq!(report.log(0), lines);
}

#[test]
fn the_round_of_a_message_is_one_more_than_what_its_sender_had_received() {
    let report = lab(3, |task| {
        let number = task.seat().number();
        if number > 0 {
            task.receive::<u8>(task.previous(), "x")?;
        }
        if number == 2 {
            task.receive::<u8>(Seat::FIRST, "early")?; // of a lower round than what came before
        }
        task.send(task.next(), "x", &0_u8)?;
        if number == 0 {
            task.send(Seat::new(2), "early", &0_u8)?;
            task.receive::<u8>(task.previous(), "x")?;
            task.send(Seat::new(2), "late", &0_u8)?;
        }
        Ok(Value::Null)
    })
    .run();
    let rounds: Vec<_> =
        report.trace().iter().map(|sent| (sent.round, sent.from, sent.to)).collect();
    assert_eq!(rounds, [(1, 0, 1), (1, 0, 2), (2, 1, 2), (3, 2, 0), (4, 0, 2)]);
    assert_eq!((report.traffic().rounds, report.traffic().bytes), (4, 5));
}

#[test]
fn faults_concern_the_next_task_only() {
    let mut lab = lab(2, |task| {
        task.send(task.next(), "x", &7_u8)?;
        Ok(task.receive::<u8>(task.next(), "x")?.into())
    });
    lab.corrupt_message(1, 0, 0, |body| body[0] = 8);
    let report = lab.run();
    assert_eq!([report.result(0), report.result(1)], [&json!(8), &json!(7)]);
    assert_eq!(lab.run().common_result(), 7);
    lab.absent(1);
    assert!(matches!(lab.run().failure(1), Failure::Absent));
    assert_eq!(lab.run().common_result(), 7);
}

#[test]
fn a_deviation_concerns_one_message_of_one_party_to_another() {
    let numbers = |task: &mut Task| {
        task.broadcast("x", &5_u8)?;
        task.broadcast("y", &7_u8)?;
        let others: Vec<_> = task.others().collect();
        let pairs =
            others.iter().map(|other| Ok((task.receive(*other, "x")?, task.receive(*other, "y")?)));
        Ok(json!(pairs.collect::<Result<Vec<(u8, u8)>>>()?))
    };
    let report = lab(3, numbers).deviate(2, 0, 1, Deviation::Changed(0)).run();
    assert_eq!(report.result(0), &json!([[5, 7], [5, 6]]));
    assert_eq!([1, 2].map(|seat| report.result(seat)), [&json!([[5, 7], [5, 7]]); 2]);
    assert_eq!(report.topics(2, 0), ["x", "y"]);

    let report = lab(3, numbers).deviate(2, 0, 1, Deviation::Lost).run();
    assert_eq!(report.error(0), "no message \"y\" can come from seat 2 any more: it is lost");
    assert_eq!(report.result(1), &json!([[5, 7], [5, 7]]));
}

#[test]
fn topics_are_of_one_direction_and_in_order() {
    let report = lab(2, |task| {
        let topics: &[&str] = if task.seat() == Seat::FIRST { &["b", "a", "b"] } else { &["c"] };
        topics.iter().try_for_each(|topic| task.send(task.next(), topic, &0_u8))?;
        Ok(Value::Null)
    })
    .run();
    assert_eq!([report.topics(0, 1), report.topics(1, 0)], [vec!["b", "a", "b"], vec!["c"]]);
    assert!(report.topics(0, 0).is_empty());
    let sent = report.trace().iter().filter(|sent| sent.from == 0);
    assert_eq!(sent.map(|sent| sent.index).collect::<Vec<_>>(), [0, 1, 2]);
}

#[test]
fn a_refusal_is_one_sentence_of_all_before_anything_else_is_sent() {
    type Second = fn(&mut Task) -> Result<Value>;
    let report = |second: Second| {
        let mut lab = Lab::new(algorithm(move |task| {
            task.broadcast("agree", &0_u8)?;
            if task.seat().number() == 1 { second(task) } else { Err(Error::new("no")) }
        }));
        lab.parties(3).run()
    };
    let honest = report(|_| Err(Error::new("no")));
    assert_eq!([honest.refusal(), honest.common_error(), honest.error(1)], ["no"; 3]);
    let cases: [(Second, &str); 4] = [
        (|_| Err(Error::new("never")), "the error of seat 1"),
        (|_| Ok(Value::Null), "seat 1 has the result null"),
        (|_| panic!("oh"), "seat 1 returned no error: panicked: oh"),
        (
            |task| {
                task.send(Seat::FIRST, "share", &0_u8)?;
                Err(Error::new("no"))
            },
            "more was sent than the agreement, though \"no\"",
        ),
    ];
    for (second, expected) in cases {
        let report = report(second);
        let panic = catch_unwind(AssertUnwindSafe(|| report.refusal())).unwrap_err();
        let text = panic.downcast_ref::<String>().unwrap();
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
#[should_panic(expected = "there was no message to drop message 1 from 0 to 1")]
fn a_fault_of_a_message_that_was_never_sent_is_a_fault_of_the_test() {
    let mut lab = lab(2, |task| {
        task.send(task.next(), "x", &7_u8)?;
        Ok(task.receive::<u8>(task.next(), "x")?.into())
    });
    lab.drop_message(0, 1, 1).run();
}

#[test]
fn an_error_is_one_sentence_with_its_causes() {
    let report = lab(1, |_| Err("x".parse::<u8>().map_err(Error::new).unwrap_err())).run();
    assert_eq!(report.failure(0).to_string(), "invalid digit found in string");
}
