use std::time::Duration;

use serde_json::Value;

use crate::lab::{Failure, GIVEN_UP_AFTER, Lab, Report};
use crate::{Algorithm, Description, Ending, Error, Result, Seat, Security, Task};

fn describe() -> Description {
    let security = Security::semi_honest("All.", "Nothing.");
    Description::new("messages", "1.0.0", "Sends and receives.", security)
}

fn lab(parties: usize, run: fn(&mut Task) -> Result<Value>) -> Lab {
    let run = move |task: &mut Task, _: serde::de::IgnoredAny| run(task);
    let mut lab = Lab::new(Algorithm::new(describe, run));
    lab.parties(parties);
    lab
}

fn run(parties: usize, run: fn(&mut Task) -> Result<Value>) -> Report {
    lab(parties, run).run()
}

const A: Seat = Seat::FIRST;
const B: Seat = Seat::new(1);
const C: Seat = Seat::new(2);

fn error(report: &Report, seat: usize) -> &Error {
    match report.failure(seat) {
        Failure::Returned(error) => error,
        other => panic!("{other}"),
    }
}

#[test]
fn a_ring_has_a_next_and_a_previous_seat_for_everybody() {
    let report = run(3, |task| {
        task.send(task.next(), "to the next", &task.seat())?;
        let previous: Seat = task.receive(task.previous(), "to the next")?;
        Ok(previous.number().into())
    });
    assert_eq!([2, 0, 1].map(Value::from), [0, 1, 2].map(|seat| report.result(seat).clone()));
}

#[test]
fn messages_of_one_sender_keep_their_order() {
    let report = run(2, |task| {
        if task.seat() == A {
            for number in 0_u32..10 {
                task.send(B, if number % 2 == 0 { "even" } else { "odd" }, &number)?;
            }
            return Ok(Value::Null);
        }
        let first_odd: u32 = task.receive(A, "odd")?;
        let second_odd: u32 = task.receive(A, "odd")?;
        let first_left: u32 = task.inbox().from(A).value()?.body;
        let next: u32 = task.inbox().value()?.body;
        Ok([first_odd, second_odd, first_left, next].as_slice().into())
    });
    assert_eq!(report.result(1), &Value::from([1, 3, 0, 2].as_slice()));
}

#[test]
fn a_message_that_does_not_match_stays_for_later() {
    let report = run(3, |task| {
        match task.seat() {
            A => task.send(C, "x", "from A")?,
            B => {
                task.send(C, "y", "first from B")?;
                task.send(C, "x", "second from B")?;
            }
            _ => {
                assert_eq!(task.receive::<String>(B, "x")?, "second from B");
                assert_eq!(task.receive::<String>(A, "x")?, "from A");
                assert_eq!(task.inbox().value::<String>()?.body, "first from B");
            }
        }
        Ok(Value::Null)
    });
    report.common_result();
}

#[test]
fn any_sender_means_the_first_to_arrive() {
    let mut lab = lab(3, |task| {
        if task.seat() != A {
            task.send(A, "x", &task.seat())?;
            return Ok(Value::Null);
        }
        let first: Seat = task.inbox().topic("x").value()?.body;
        let second = task.inbox().topic("x").message()?.sender;
        Ok([first.number(), second.number()].as_slice().into())
    });
    assert_eq!(lab.run().result(0), &Value::from([1, 2].as_slice()));
    lab.delay_message(1, 0, 0, Duration::from_millis(1));
    assert_eq!(lab.run().result(0), &Value::from([2, 1].as_slice()));
}

#[test]
fn a_peers_end_is_told_only_after_all_that_it_sent() {
    let report = run(2, |task| {
        if task.seat() == A {
            task.send(B, "x", &1_u8)?;
            task.send(B, "y", &2_u8)?;
            return Err(Error::new("enough"));
        }
        assert_eq!(task.receive::<u8>(A, "x")?, 1);
        // A message is left, but it does not match.
        let ended = task.receive::<u8>(A, "x").unwrap_err();
        assert_eq!(task.receive::<u8>(A, "y")?, 2);
        let after = task.receive::<u8>(A, "y").unwrap_err();
        assert!(matches!(after, Error::PeerEnded { seat: Some(A), ending: Ending::Failed, .. }));
        Err(ended)
    });
    assert_eq!(report.failure(0).to_string(), "enough");
    let text = "no message \"x\" can come from seat 0 any more: it failed";
    assert_eq!(report.failure(1).to_string(), text);
}

#[test]
fn a_peer_that_finished_is_told_apart_from_one_that_failed() {
    let report = run(2, |task| match task.seat() {
        A => Ok(Value::Null),
        _ => task.receive(A, "x"),
    });
    assert!(matches!(error(&report, 1), Error::PeerEnded { ending: Ending::Finished, .. }));
}

#[test]
fn without_a_sender_all_others_must_have_ended() {
    let report = run(4, |task| match task.seat() {
        A => {
            let last: u8 = task.inbox().topic("late").value()?.body;
            let ended = task.inbox().topic("late").message().unwrap_err();
            // Of those that did not finish, seat 2 is the lowest, and it panicked.
            assert!(matches!(ended, Error::PeerEnded { seat: None, ending: Ending::Failed, .. }));
            Ok(last.into())
        }
        B => Ok(Value::Null),
        C => panic!("seat 2 panics"),
        _ => {
            task.send(A, "late", &3_u8)?;
            Ok(Value::Null)
        }
    });
    assert_eq!(report.result(0), 3);
    assert!(matches!(report.failure(2), Failure::Panicked(text) if text == "seat 2 panics"));
}

#[test]
fn a_party_alone_receives_from_nobody() {
    let report = run(1, |task| Ok(task.inbox().message()?.body.into()));
    assert!(matches!(error(&report, 0), Error::PeerEnded { ending: Ending::Finished, .. }));
}

#[test]
fn no_message_goes_to_oneself_or_to_nobody() {
    let report = run(2, |task| {
        for seat in [task.seat(), Seat::new(2), Seat::new(u32::MAX)] {
            let sent = task.send(seat, "x", &0_u8).unwrap_err();
            assert!(matches!(sent, Error::NoSuchParty { seat: named } if named == seat));
            let received = task.receive::<u8>(seat, "x").unwrap_err();
            assert!(matches!(received, Error::NoSuchParty { seat: named } if named == seat));
        }
        Ok(Value::Null)
    });
    report.common_result();
    assert_eq!(report.traffic().messages, 0);
}

#[test]
fn a_timeout_fires_when_nobody_can_go_on() {
    let report = run(3, |task| {
        if task.seat() != A {
            return task.receive(A, "never");
        }
        let second = Duration::from_secs(1);
        let waited = task.inbox().from(B).within(second).message().unwrap_err();
        let Error::TimedOut { seat: Some(B), topic: None, timeout } = waited else {
            return Err(waited);
        };
        assert_eq!(timeout, second);
        Err(task.inbox().topic("t").within(Duration::ZERO).message().unwrap_err())
    });
    assert_eq!(report.failure(0).to_string(), "no message \"t\" came from any party within 0ns");
}

#[test]
fn a_message_that_can_still_come_beats_every_timeout() {
    let report = run(3, |task| match task.seat() {
        // B answers only after C does, and A's timeout is the shortest possible.
        A => Ok(task.inbox().from(B).within(Duration::ZERO).value::<u8>()?.body.into()),
        B => {
            task.send(A, "x", &task.receive::<u8>(C, "x")?)?;
            Ok(Value::Null)
        }
        _ => {
            task.send(B, "x", &7_u8)?;
            Ok(Value::Null)
        }
    });
    assert_eq!(report.result(0), 7);
}

#[test]
fn timeouts_and_delays_happen_in_the_order_of_time() {
    let mut lab = lab(2, |task| {
        if task.seat() == A {
            task.send(B, "x", &1_u8)?;
            task.send(B, "y", &2_u8)?;
            return Ok(Value::Null);
        }
        let shorter = task.inbox().topic("x").within(Duration::from_secs(2)).message();
        assert!(matches!(shorter, Err(Error::TimedOut { .. })));
        // The second message waits behind the first, which is delayed.
        let behind = task.inbox().topic("y").within(Duration::from_millis(500)).message();
        assert!(matches!(behind, Err(Error::TimedOut { .. })));
        let longer = task.inbox().topic("x").within(Duration::from_secs(1)).message()?;
        assert_eq!(longer.body, [1]);
        Ok(task.receive::<u8>(A, "y")?.into())
    });
    let report = lab.delay_message(0, 1, 0, Duration::from_secs(3)).run();
    assert_eq!(report.result(1), 2);
}

#[test]
fn a_party_that_looks_again_and_again_lets_time_pass() {
    let mut lab = lab(2, |task| {
        if task.seat() == A {
            task.send(B, "x", &1_u8)?;
            return Ok(Value::Null);
        }
        for looks in 0_u32.. {
            match task.inbox().within(Duration::ZERO).message() {
                Err(Error::TimedOut { .. }) => continue,
                _ => return Ok((looks > 0).into()),
            }
        }
        Ok(Value::Null)
    });
    let report = lab.delay_message(0, 1, 0, Duration::from_millis(1)).run();
    assert_eq!(report.result(1), true);
}

#[test]
fn a_lost_message_loses_what_follows_and_its_sender() {
    let mut lab = lab(2, |task| {
        if task.seat() == A {
            task.broadcast("x", &1_u8)?;
            task.broadcast("x", &2_u8)?;
            task.broadcast("x", &3_u8)?;
            return Ok(task.receive::<u8>(B, "y")?.into());
        }
        assert_eq!(task.receive::<u8>(A, "x")?, 1);
        let patience = GIVEN_UP_AFTER - Duration::from_millis(1);
        let impatient = task.inbox().from(A).within(patience).message();
        assert!(matches!(impatient, Err(Error::TimedOut { .. })));
        let lost = task.receive::<u8>(A, "x").unwrap_err();
        task.send(A, "y", &9_u8)?; // the other direction still works
        Err(lost)
    });
    let report = lab.drop_message(0, 1, 1).run();
    assert_eq!(report.result(0), 9);
    assert!(matches!(error(&report, 1), Error::PeerEnded { ending: Ending::Lost, .. }));
}

#[test]
fn a_malformed_message_names_its_sender_and_topic() {
    let mut lab = lab(2, |task| {
        if task.seat() == A {
            task.send(B, "numbers", &vec![1_u64, 2])?;
            return Ok(Value::Null);
        }
        let numbers: Vec<u64> = task.receive(A, "numbers")?;
        Ok(numbers.into())
    });
    assert_eq!(lab.run().result(1), &Value::from([1, 2].as_slice()));

    let report = lab.corrupt_message(0, 1, 0, |body| body.push(0)).run();
    let text = "the message \"numbers\" from seat 0 is malformed: 1 bytes follow the value";
    assert_eq!(report.failure(1).to_string(), text);

    let report = lab.corrupt_message(0, 1, 0, |body| body.truncate(2)).run();
    assert!(matches!(error(&report, 1), Error::Malformed { sender: A, .. }));
}

#[test]
fn everybody_gathers_what_everybody_broadcasts() {
    let report = run(4, |task| {
        task.broadcast("seat", &task.seat())?;
        let gathered: Vec<(Seat, Seat)> = task.gather("seat")?;
        assert!(gathered.iter().map(|(sender, _)| *sender).eq(task.others()));
        assert!(gathered.iter().all(|(sender, body)| sender == body));
        Ok(Value::Null)
    });
    report.common_result();
    assert_eq!((report.traffic().messages, report.traffic().rounds), (12, 1));
}
