use serde_json::json;

use super::super::mail::send;
use super::super::secret::{Opening, SHARE_BYTES, Share};
use super::super::*;
use crate::lab::Lab;
use crate::{Algorithm, Description, Role, Security};

fn describe() -> Description {
    Description::new("sums", "1.0.0", "Adds.", Security::semi_honest("Most.", "Who."))
        .role(Role::new("adder", "Sums."))
        .role(Role::new("giver", "Who.").at_least(3))
}

fn body(task: &Task, from: Seat, topic: &str) -> Vec<u8> {
    task.inbox().from(from).topic(topic).message().unwrap().body[4..].to_vec()
}

const ROUND: u32 = 1;

/// Of four givers the third tells the first one's key as its own, so that, were the mask of a pair a matter of
/// their keys alone, the masks that the second has in common with the two would cancel; and gives away its share of
/// the seed of the second one's own mask, to an adder that reads the second one's vector with it.
fn run(task: &mut Task, _: serde_json::Value) -> Result<Vec<u64>> {
    let givers: Vec<Seat> = task.seats_of("giver").collect();
    let group = Group {
        adder: Seat::new(0),
        threshold: threshold("givers", givers.len(), None, None, true)?,
        givers,
        length: 3,
        modulus: Modulus::above(1 << 40).unwrap(),
        compares: true,
        patience: None,
    };
    assert_eq!(group.threshold, 3);
    let (a, b, c) = (Seat::new(1), Seat::new(2), Seat::new(3));
    let three = Roster::from_bytes(&[0b0111], 4).unwrap();
    match task.seat().number() {
        0 => {
            for seat in [a, b, c] {
                send(task, seat, "came", ROUND, &three.to_bytes())?;
                send(task, seat, "included", ROUND, &three.to_bytes())?;
            }
            let masked = body(task, b, "masked");
            for seat in [a, b, c] {
                send(task, seat, "survivors", ROUND, &three.to_bytes())?;
            }
            let read = |bytes: &[u8]| Share::read(bytes).unwrap();
            let shares =
                [a, b].map(|seat| read(&body(task, seat, "shares")[SHARE_BYTES..2 * SHARE_BYTES]));
            let stolen = read(&body(task, c, "stolen"));
            let seed = Opening::by(&[0, 1, 2]).open([shares[0], shares[1], stolen].into_iter());
            let mut sum = vec![0; 3];
            group.modulus.add_packed(&mut sum, &masked).unwrap();
            group.modulus.mask(&mut sum, seed.unwrap(), Sign::Minus);
            Ok(sum.into_iter().map(|x| group.modulus.reduce(x)).collect())
        }
        3 => {
            let copied = body(task, a, "keys");
            for seat in [a, b, Seat::new(4), Seat::new(0)] {
                send(task, seat, "keys", ROUND, &copied)?;
            }
            for seat in [a, b] {
                send(task, seat, "deal", ROUND, &[0; 2 * SHARE_BYTES])?;
            }
            let deal = body(task, b, "deal");
            send(task, Seat::new(0), "stolen", ROUND, &deal[SHARE_BYTES..])?;
            for seat in [a, b] {
                send(task, seat, "told", ROUND, &[three.to_bytes(), three.to_bytes()].concat())?;
            }
            Ok(vec![])
        }
        4 => Ok(vec![]),
        _ => {
            let mut sums = MaskedSums::new(group);
            let met = sums.meet(task, ROUND, b"model").map_err(|e| Error::new(e.to_string()))?;
            let own = 1000 * u64::from(task.seat().number());
            sums.give(task, met, vec![own, own + 1, own + 2])
                .map_err(|e| Error::new(e.to_string()))?;
            Ok(vec![])
        }
    }
}

#[test]
fn a_key_that_is_told_by_two_unmasks_nobody() {
    let mut lab = Lab::new(Algorithm::new(describe, run));
    lab.party("adder", "adder");
    for giver in 0..4 {
        lab.party(&format!("giver-{giver}"), "giver");
    }
    lab.arguments(json!({}));
    let report = lab.run();
    let read: Vec<u64> = serde_json::from_value(report.result(0).clone()).unwrap();
    for (value, own) in read.into_iter().zip(2_000..) {
        assert_ne!(value, own);
    }
}
