use super::*;
use crate::{Digest, Limits, RunId, Seat, TaskId};

fn statement() -> KeyStatement {
    KeyStatement {
        name: "North".into(),
        root: [1; 32],
        number: 2,
        encryption: vec![3; 550],
        signing: [4; 32],
        not_before: 5,
        not_after: 6,
    }
}

fn task() -> TaskManifest {
    let party = TaskParty {
        organization: [1; 32],
        statement: [2; 32],
        role: "party".into(),
        datasets: vec!["patients".into(), "visits".into()],
        arguments: [3; 32],
    };
    TaskManifest {
        run: RunId::from_bytes([4; 32]),
        ordinal: 5,
        digest: Digest::of(b"component"),
        requester: [6; 32],
        parties: vec![party.clone(), TaskParty { datasets: Vec::new(), ..party }],
        limits: Limits { messages: 7, ..Limits::default() },
        created: 8,
        deadline: 9,
    }
}

fn run() -> RunManifest {
    RunManifest {
        collaboration: [1; 32],
        requester: [2; 32],
        statement: [3; 32],
        digests: vec![Digest::of(b"a"), Digest::of(b"b")],
        created: 4,
        expires: 5,
        nonce: [6; 32],
    }
}

fn tally() -> Tally {
    Tally {
        task: TaskId::from_bytes([1; 32]),
        sender: Seat(2),
        receiver: Seat(3),
        messages: 4,
        rolling: [5; 32],
    }
}

fn closing() -> Closing {
    Closing { sent: tally(), ending: ClosingEnding::Refused }
}

/// A value survives its bytes; none of them can be missing, and none be more.
fn survives<L: Layout + PartialEq + std::fmt::Debug>(value: L) {
    let bytes = value.encode();
    assert_eq!(L::decode(&bytes), Ok(value));
    for length in 0..bytes.len() {
        assert!(L::decode(&bytes[..length]).is_err(), "{length} of {} bytes", bytes.len());
    }
    let longer = [&bytes[..], &[0]].concat();
    assert!(L::decode(&longer).unwrap_err().to_string().contains("more bytes follow"));
    // Whatever is read at all was written so: there is one encoding of a value.
    for position in 0..bytes.len() {
        for bit in 0..8 {
            let mut other = bytes.clone();
            other[position] ^= 1 << bit;
            if let Ok(read) = L::decode(&other) {
                assert_eq!(read.encode(), other, "byte {position}, bit {bit}");
            }
        }
    }
}

#[test]
fn every_layout_survives_its_bytes() {
    survives(statement());
    survives(run());
    survives(task());
    survives(closing());
    survives(Receipt { received: tally() });
    survives(Grant { transcript: [1; 32], wrapped: [2; 32] });
    survives(RunEnd { run: RunId::from_bytes([1; 32]), tasks: 2 });
    survives(SignIn {
        origin: "https://example.org".into(),
        server_nonce: [1; 32],
        node_nonce: [2; 32],
        organization: [3; 32],
    });
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    let mut bytes = statement().encode();
    bytes[0] = 0xff;
    let error = KeyStatement::decode(&bytes).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the statement is malformed: it has more than is allowed at byte 4"
    );
    let mut bytes = closing().encode();
    *bytes.last_mut().unwrap() = 3;
    let error = Closing::decode(&bytes).unwrap_err().to_string();
    assert_eq!(error, "the closing is malformed: there is no such ending at byte 81");
    let mut bytes = statement().encode();
    bytes[4] = 0xff;
    let error = KeyStatement::decode(&bytes).unwrap_err().to_string();
    assert_eq!(error, "the statement is malformed: a text is not UTF-8 at byte 9");
}

fn header() -> Header {
    Header {
        content: Content::Result,
        task: TaskId::from_bytes([1; 32]),
        sender: Seat(2),
        receiver: REQUESTER,
        grant: [3; 32],
        sequence: 4,
        padded_length: 1024,
    }
}

#[test]
fn a_header_survives_its_bytes_and_another_is_refused() {
    let bytes: [u8; HEADER_BYTES] = header().encode().try_into().unwrap();
    assert_eq!(Header::decode(&bytes), Ok(header()));
    for (position, value, problem) in [
        (0, b'B', "it is no envelope's"),
        (4, 2, "its version or suite is not known"),
        (5, 0, "its version or suite is not known"),
        (6, 5, "its content is not known"),
        (HEADER_BYTES - 1, 1, "its length is not padded"),
    ] {
        let mut other = bytes;
        other[position] = value;
        let error = Header::decode(&other).unwrap_err().to_string();
        assert!(error.contains(problem), "{error}");
    }
}

#[test]
fn lengths_are_padded_in_steps() {
    for (length, expected) in [
        (0, 256),
        (256, 256),
        (257, 1024),
        (4097, 16384),
        (16384, 16384),
        (16385, 17408),
        (1_000_000, 1_015_808),
        (1 << 30, 1 << 30),
    ] {
        assert_eq!(padded(length), Some(expected), "{length}");
    }
    for length in (0..1 << 40).step_by((1 << 40) / 10_007) {
        let to = padded(length).unwrap();
        assert_eq!(padded(to), Some(to), "padding twice is padding once");
        assert!(to >= length && (length < 16384 || to - length <= length / 8), "{length}: {to}");
    }
    assert_eq!(padded(u64::MAX), None);
}

#[test]
fn an_outcome_survives_its_bytes() {
    let outcome = Outcome {
        ending: ClosingEnding::Failed,
        kind: "trap".into(),
        text: "it trapped".into(),
        result: vec![1, 2, 3],
    };
    let bytes = outcome.encode();
    assert_eq!(Outcome::decode(&bytes), Ok(outcome));
    for length in 0..bytes.len() {
        assert!(Outcome::decode(&bytes[..length]).is_err(), "{length} of {} bytes", bytes.len());
    }
    assert!(Outcome::decode(&[&bytes[..], &[0]].concat()).is_err());
}
