//! The test vectors, which an independent decoder in Python reads too: see `decoder.py`.
//!
//! `UPDATE_VECTORS=1` makes new ones, with new keys.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod file;
mod make;

use std::fs;
use std::io::Cursor;
use std::path::Path;

use anchorhold_identity::{Signed, Statement};
use anchorhold_model::Seat;
use anchorhold_model::layout::{Closing, Tally};
use anchorhold_seal::Rolling;

use file::{CONTENTS, ENDINGS, Organization, Vectors, body, hex, unhex};

#[test]
fn vectors_are_read_as_they_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/suite-1.json");
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        let vectors = serde_json::to_string_pretty(&make::make()).unwrap();
        fs::write(&path, vectors + "\n").unwrap();
    }
    let vectors: Vectors = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let known: Vec<_> = vectors.organizations.iter().map(Organization::known).collect();
    for vector in &vectors.statements {
        let bytes = known[vector.organization].statement.encode();
        let read = Statement::verify(&vector.mutation.apply(&bytes), &vector.pin);
        assert_eq!(read.is_ok(), vector.valid, "statement: {}", vector.what);
    }
    for vector in &vectors.grants {
        assert_eq!(vector.accept(&known).is_some(), vector.valid, "grant: {}", vector.what);
    }
    let mut rolling = Rolling::default();
    for vector in &vectors.envelopes {
        let place = (CONTENTS[usize::from(vector.content)], vector.sequence);
        let channel = vectors.grants[vector.grant].accept(&known).unwrap();
        let of = vector.of.map_or(vector, |of| &vectors.envelopes[of]);
        let bytes = vector.mutation.apply(&unhex(&of.bytes));
        let mut opened = Vec::new();
        let read = channel.open(place, &bytes[..], &mut opened);
        assert_eq!(read.is_ok(), vector.valid, "envelope: {}", vector.what);
        if let Ok(read) = read {
            assert_eq!((read.topic.as_str(), opened), (&*vector.topic, body(vector.length)));
            // The same message gives the same bytes.
            let mut again = Vec::new();
            let sealed = channel
                .seal(place, &vector.topic, Cursor::new(body(vector.length)), &mut again)
                .unwrap();
            assert_eq!((sealed.hash, again), (read.hash, bytes));
            rolling.add(&read.hash);
        }
    }
    assert_eq!((rolling.count, hex(&rolling.hash)), (vectors.rolling.count, vectors.rolling.hash));
    for vector in &vectors.closings {
        let bytes = vector.mutation.apply(&unhex(&vector.bytes));
        let read =
            Signed::<Closing>::verify(&bytes, known[vector.organization].statement.signing());
        assert_eq!(read.is_ok(), vector.valid, "closing: {}", vector.what);
        if let Ok(read) = read {
            let sent = Tally {
                task: vector.task,
                sender: Seat(vector.sender),
                receiver: Seat(vector.receiver),
                messages: vector.messages,
                rolling: unhex(&vector.rolling).try_into().unwrap(),
            };
            let expected = Closing { sent, ending: ENDINGS[usize::from(vector.ending)] };
            assert_eq!(*read.value(), expected);
        }
    }
}
