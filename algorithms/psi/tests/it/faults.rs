//! A party that does not follow the protocol: to each of its messages in turn happens what can happen to
//! any, or it has an element twice, or one that is none.

use anchorhold_sdk::lab::{Deviation, Failure, Lab, Report, Rows, Sent};
use serde_json::{Value, json};

use crate::{KINDS, MODELLER, POD, lab_of, sum, text};

/// What happens to a message.
#[derive(Debug, Clone, Copy)]
enum Fault {
    /// What can happen to any.
    Any(Deviation),
    /// Its first piece of so many bytes stands in the place of the second, too.
    Repeated(usize),
    /// Its first two pieces of so many bytes are the other way round.
    Swapped(usize),
    /// The first 32 bytes are those of the identity.
    Identity,
    /// The first 32 bytes are above the field's order.
    NotCanonical,
}

impl Fault {
    fn all(topic: &str, kind: &str, with_values: bool) -> Vec<Self> {
        let mut all = Deviation::ALL.map(Self::Any).to_vec();
        let piece = match topic {
            "asked" | "replies" if kind == "rsa" => 256,
            "asked" | "replies" => 32,
            "set" if with_values => 80,
            "set" => 16,
            _ => return all,
        };
        all.extend([Self::Repeated(piece), Self::Swapped(piece)]);
        if piece == 32 {
            all.extend([Self::Identity, Self::NotCanonical]);
        }
        all
    }

    fn happens(self, lab: &mut Lab, from: usize, to: usize, index: usize) {
        match self {
            Self::Any(deviation) => lab.deviate(from, to, index, deviation),
            Self::Repeated(piece) => {
                lab.corrupt_message(from, to, index, move |body| body.copy_within(..piece, piece))
            }
            Self::Swapped(piece) => lab.corrupt_message(from, to, index, move |body| {
                body[..2 * piece].rotate_left(piece);
            }),
            Self::Identity => lab.corrupt_message(from, to, index, |body| body[..32].fill(0)),
            Self::NotCanonical => lab.corrupt_message(from, to, index, |body| body[..32].fill(255)),
        };
    }

    /// Says whether whoever waits for the message notices it whatever is in it.
    fn is_always_noticed(self) -> bool {
        matches!(self, Self::Any(deviation) if deviation.is_of_length() || deviation == Deviation::Lost)
    }
}

const OURS: [&str; 7] = ["a", "b", "c", "d", "e", "f", "g"];
const THEIRS: [&str; 8] = ["z", "c", "b", "y", "a", "d", "x", "e"];

/// Each kind with each output that it has.
fn settings() -> Vec<(&'static str, Value)> {
    let rows = KINDS.iter().flat_map(|kind| [(*kind, json!({})), (*kind, json!({ "link": true }))]);
    rows.chain([("ecdh", json!({ "output": "count" })), ("ecdh", sum(0, 100, 0, 1))]).collect()
}

fn prepared(kind: &str, arguments: &Value) -> Lab {
    let mut arguments = arguments.clone();
    arguments["kind"] = json!(kind);
    let theirs = Rows::new().utf8("key", THEIRS).int64("value", (0..8).map(|row| 10 * row));
    lab_of(&text(&OURS), &theirs, &arguments)
}

/// Checks that what a party ended with is an error, or what the documentation says.
fn is_explained(
    fault: Fault,
    kind: &str,
    topic: &str,
    outcome: &Result<Value, Failure>,
    honest: &Value,
) -> bool {
    let result = match outcome {
        Err(Failure::Returned(_)) => return true,
        Err(other) => panic!("{other}"),
        Ok(result) => result,
    };
    let rows = |result: &Value| -> Vec<u64> {
        serde_json::from_value(result["rows"].clone()).unwrap_or_default()
    };
    let (found, expected) = (rows(result), rows(honest));
    match topic {
        _ if fault.is_always_noticed() => false,
        // The pod answers whatever is asked for. It may then be told of fewer rows, but of no others.
        "asked" => found.iter().all(|row| expected.contains(row)),
        "sum-asked" => result == honest,
        // It links the rows that it is told, all of which it has.
        "shared" => found.iter().all(|row| *row < 8) && found.len() == result["shared"],
        // An element is not found. No other is found: its token would have to be met by chance.
        "set" if honest.get("sum").is_some() => {
            result["shared"].as_u64() <= honest["shared"].as_u64()
        }
        "set" | "replies" => {
            (topic == "set" || kind == "ecdh")
                && found.iter().all(|row| expected.contains(row))
                && result["shared"].as_u64() <= honest["shared"].as_u64()
        }
        _ => false,
    }
}

#[test]
fn a_changed_message_is_an_error_or_an_element_that_is_not_found() {
    let (mut tried, mut refused) = (0, 0);
    for (kind, arguments) in settings() {
        let honest = prepared(kind, &arguments).run();
        assert_eq!(honest.result(MODELLER)["shared"], 5, "{kind}");
        for &Sent { from, to, index, ref topic, .. } in honest.trace() {
            let with_values = arguments.get("column").is_some();
            for fault in Fault::all(topic, kind, with_values) {
                // A key is made for each task, which takes a second.
                if kind == "rsa" && arguments.get("link").is_some() && topic != "shared" {
                    continue;
                }
                let mut lab = prepared(kind, &arguments);
                fault.happens(&mut lab, from, to, index);
                let report = lab.run();
                let what = format!("{kind} {arguments} {topic} {fault:?}");
                let outcome = &report.outcomes()[to];
                let explained = is_explained(fault, kind, topic, outcome, honest.result(to));
                assert!(explained, "{what}: {outcome:?}");
                assert!(!matches!(report.outcomes()[from], Err(Failure::Panicked(_))), "{what}");
                tried += 1;
                refused += i32::from(outcome.is_err());
            }
        }
    }
    assert!(tried > 300 && refused > 200, "{refused} of {tried}");
}

fn failure(report: &Report, seat: usize) -> String {
    report.failure(seat).to_string()
}

/// Changes the first message of a topic, and returns what its receiver says.
fn said(kind: &str, arguments: &Value, topic: &str, change: fn(&mut Vec<u8>)) -> String {
    let honest = prepared(kind, arguments).run();
    let sent = honest.trace().iter().find(|sent| sent.topic == topic).unwrap();
    let (from, to) = (sent.from, sent.to);
    let before = honest.trace().iter().filter(|sent| sent.from == from);
    let index = before.take_while(|sent| sent.topic != topic).count();
    failure(&prepared(kind, arguments).corrupt_message(from, to, index, change).run(), to)
}

#[test]
fn what_is_wrong_is_said_with_the_message_and_its_sender() {
    let none = json!({});
    let count = json!({ "output": "count" });
    let sum = sum(0, 100, 0, 1);
    let no_element = "it has bytes that are no element";
    let identity = "it has the identity element";
    let proof = "its proof does not hold: not all of it was computed with the key that was told";
    type Case<'a> = (&'a str, &'a Value, &'a str, fn(&mut Vec<u8>), String);
    let cases: [Case; 15] = [
        ("ecdh", &none, "asked", Vec::clear, "has 0 bytes instead of 224".into()),
        ("ecdh", &none, "asked", |body| body[32..64].fill(255), no_element.into()),
        ("ecdh", &none, "asked", |body| body[32..64].fill(0), identity.into()),
        ("ecdh", &none, "replies", |body| body[64..96].fill(255), no_element.into()),
        (
            "ecdh",
            &none,
            "replies",
            |body| body.extend([0; 32]),
            "has 256 bytes instead of 224".into(),
        ),
        (
            "ecdh",
            &none,
            "set",
            |body| body.rotate_left(16),
            "its tokens are not in ascending order".into(),
        ),
        ("ecdh", &none, "set", |body| body.truncate(16), "has 16 bytes instead of 128".into()),
        (
            "ecdh",
            &count,
            "replies",
            |body| body.copy_within(..32, 32),
            "two different elements were answered alike".into(),
        ),
        ("voprf", &none, "replies", |body| body[..64].rotate_left(32), proof.into()),
        ("voprf", &none, "replies", |body| *body.last_mut().unwrap() = 255, proof.into()),
        (
            "rsa",
            &none,
            "asked",
            |body| body.copy_within(..256, 256),
            "it asks twice for the same element".into(),
        ),
        ("rsa", &none, "asked", |body| body[..256].fill(255), no_element.into()),
        (
            "rsa",
            &none,
            "replies",
            |body| body[255] ^= 1,
            "it has a signature that is none of what was asked for".into(),
        ),
        ("ecdh", &sum, "sum-asked", |body| body.fill(0), identity.into()),
        (
            "ecdh",
            &sum,
            "sum-reply",
            |body| body.copy_from_slice(&GENERATOR),
            "the sum that it gives is not possible within the declared bounds".into(),
        ),
    ];
    for (kind, arguments, topic, change, expected) in cases {
        let sender = if ["asked", "sum-asked"].contains(&topic) { MODELLER } else { POD };
        let colon = if expected.starts_with("has") { "" } else { ":" };
        let expected = format!("the message {topic:?} of seat {sender}{colon} {expected}");
        assert_eq!(said(kind, arguments, topic, change), expected);
    }
}

/// The generator of ristretto255: an element that is not the right one.
const GENERATOR: [u8; 32] = [
    0xe2, 0xf2, 0xae, 0x0a, 0x6a, 0xbc, 0x4e, 0x71, 0xa8, 0x84, 0xa9, 0x61, 0xc5, 0x00, 0x51, 0x5f,
    0x58, 0xe3, 0x0b, 0x6a, 0xa5, 0x82, 0xdd, 0x8d, 0xb6, 0xa6, 0x59, 0x45, 0xe0, 0x8d, 0x2d, 0x76,
];

#[test]
fn a_modulus_that_cannot_be_one_is_refused_before_anything_is_asked() {
    // The message ends with the modulus, the length of which comes before it.
    let changes: [fn(&mut Vec<u8>); 4] = [
        |body| *body.last_mut().unwrap() ^= 1,
        |body| {
            let first = body.len() - 256;
            body[first] &= 0x7f;
        },
        |body| {
            // 128 bytes, and then minus one as an unsigned length would be.
            let length = body.len() - 258;
            body.truncate(length);
            body.extend([0x80, 1]);
            body.extend([255; 128]);
        },
        |body| {
            let length = body.len() - 258;
            body.truncate(length);
            body.push(0);
        },
    ];
    for change in changes {
        let report = prepared("rsa", &json!({})).corrupt_message(POD, MODELLER, 0, change).run();
        let expected =
            "the message \"agree\" of seat 1: its modulus is not an odd number of 2048 bits";
        assert_eq!(failure(&report, MODELLER), expected);
        assert!(report.trace().iter().all(|sent| sent.topic != "asked"), "nothing was asked");
    }
    let negative = |body: &mut Vec<u8>| {
        let length = body.len() - 258;
        body.truncate(length);
        body.extend([255; 9]);
        body.push(1);
    };
    let report = prepared("rsa", &json!({})).corrupt_message(POD, MODELLER, 0, negative).run();
    assert!(
        failure(&report, MODELLER).starts_with("the message \"agree\" from seat 1 is malformed")
    );
}

#[test]
fn a_public_key_that_is_none_is_refused_before_anything_is_asked() {
    for (kind, arguments) in [("voprf", json!({})), ("ecdh", sum(0, 100, 0, 1))] {
        for (byte, why) in
            [(0, "it has the identity element"), (255, "it has bytes that are no element")]
        {
            let change = move |body: &mut Vec<u8>| {
                let key = body.len() - 32;
                body[key..].fill(byte);
            };
            let report = prepared(kind, &arguments).corrupt_message(POD, MODELLER, 0, change).run();
            assert_eq!(
                failure(&report, MODELLER),
                format!("the message \"agree\" of seat 1: {why}")
            );
            assert!(report.trace().iter().all(|sent| sent.topic != "asked"), "nothing was asked");
        }
    }
}

#[test]
fn a_bit_for_an_element_that_is_not_there_is_refused() {
    // The pod has 8 elements, one byte of bits; filled up to 12, two.
    let arguments = json!({ "link": true, "pad": true, "max_modeller": 10, "max_pod": 12 });
    let all = |body: &mut Vec<u8>| body.fill(255);
    let index = 2; // after "agree" and "asked"
    let expected = "the message \"shared\" of seat 0: it names an element that no row has";
    let report = prepared("ecdh", &arguments).corrupt_message(MODELLER, POD, index, all).run();
    assert_eq!(failure(&report, POD), expected);
    // Of three elements five bits are none.
    let keys = text(&["a", "b", "c"]);
    for (bits, is_refused) in [(0b111, false), (0b1000, true), (0b1000_0000, true)] {
        let mut lab = lab_of(&keys, &keys, &json!({ "link": true }));
        let report = lab.corrupt_message(MODELLER, POD, index, move |body| body[0] = bits).run();
        match is_refused {
            true => assert_eq!(failure(&report, POD), expected),
            false => assert_eq!(report.result(POD)["shared"], 3),
        }
    }
}

#[test]
fn a_repeated_batch_is_an_error_or_elements_that_are_not_found() {
    use std::sync::{Arc, Mutex};
    let keys = || Rows::new().int64("key", 0..8_192);
    for (kind, topic, expected) in [
        ("ecdh", "set", "the message \"set\" of seat 1: its tokens are not in ascending order"),
        ("ecdh", "replies", ""),
        ("voprf", "replies", "the message \"replies\" of seat 1: its proof does not hold"),
    ] {
        let mut lab = lab_of(&keys(), &keys(), &json!({ "kind": kind }));
        let first = if topic == "set" { 1 } else { 3 };
        let kept = Arc::new(Mutex::new(Vec::new()));
        let given = Arc::clone(&kept);
        lab.corrupt_message(POD, MODELLER, first, move |body| {
            kept.lock().unwrap().clone_from(body);
        });
        lab.corrupt_message(POD, MODELLER, first + 1, move |body| {
            body.clone_from(&given.lock().unwrap());
        });
        let report = lab.run();
        match &report.outcomes()[MODELLER] {
            Ok(result) => assert_eq!((result["shared"].as_u64(), expected), (Some(4_096), "")),
            Err(failure) => {
                assert!(
                    !expected.is_empty() && failure.to_string().starts_with(expected),
                    "{failure}"
                );
            }
        }
    }
}
