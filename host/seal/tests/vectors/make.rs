//! Makes new vectors.

use std::fs;
use std::io::Cursor;

use anchorhold_identity::{Fingerprint, OrganizationFolder, OrganizationKey, Passphrase, RootKey};
use anchorhold_model::layout::{Closing, ClosingEnding, Tally};
use anchorhold_model::{Seat, TaskId};
use anchorhold_seal::{Channel, Rolling};

use crate::file::*;

/// Makes the vectors, with new keys.
pub fn make() -> Vectors {
    let roots: Vec<_> = (0..2).map(|_| RootKey::generate()).collect();
    let organizations: Vec<_> =
        roots.iter().zip(["North", "South"]).map(|(root, name)| organization(root, name)).collect();
    let known: Vec<_> = organizations.iter().map(Organization::known).collect();
    let grants = grants(&known);
    let envelopes = envelopes(&grants, &known);
    let mut rolling = Rolling::default();
    for vector in envelopes.iter().filter(|vector| vector.valid) {
        let channel = grants[vector.grant].accept(&known).unwrap();
        let place = (CONTENTS[usize::from(vector.content)], vector.sequence);
        rolling.add(&channel.open(place, &unhex(&vector.bytes)[..], Vec::new()).unwrap().hash);
    }
    Vectors {
        passphrase: PASSPHRASE.into(),
        statements: statements([roots[0].fingerprint(), roots[1].fingerprint()]),
        closings: closings(&known[0].key, rolling),
        organizations,
        grants,
        envelopes,
        rolling: RollingVector { count: rolling.count, hash: hex(&rolling.hash) },
    }
}

fn organization(root: &RootKey, name: &str) -> Organization {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys");
    let key = OrganizationKey::generate(3072);
    let statement = root.state(name, 1, &key, (1_700_000_000, 4_000_000_000));
    let passphrase = Passphrase::new(PASSPHRASE).unwrap();
    OrganizationFolder::new(&path).create((&statement, &key), &passphrase).unwrap();
    let file = |name: &&str| fs::read_to_string(path.join("1").join(name)).unwrap();
    Organization { fingerprint: root.fingerprint(), files: FILES.iter().map(file).collect() }
}

fn statements([own, other]: [Fingerprint; 2]) -> Vec<StatementVector> {
    let vector = |what: &str, pin, mutation, valid| StatementVector {
        what: what.into(),
        organization: 0,
        pin,
        mutation,
        valid,
    };
    vec![
        vector("as it was signed", own, Mutation::None, true),
        vector("another organization is pinned", other, Mutation::None, false),
        vector("its name is changed", own, Mutation::Flip(9), false),
        vector("the root's signature is changed", own, Mutation::Flip(-100), false),
        vector("its own signature is changed", own, Mutation::Flip(-1), false),
        vector("its end is missing", own, Mutation::Cut(-1), false),
        vector("something follows", own, Mutation::Append, false),
    ]
}

fn grants(known: &[Known]) -> Vec<GrantVector> {
    let task = TaskId::from_bytes([1; 32]);
    let vector = |what: &str, task, sender, receiver, mutation, valid| GrantVector {
        what: what.into(),
        task,
        sender,
        receiver,
        bytes: String::new(),
        mutation,
        valid,
    };
    let mut first = vector("from North to South", task, (0, 0), (1, 1), Mutation::None, true);
    let mut second = vector("from South to North", task, (1, 1), (0, 0), Mutation::None, true);
    for (vector, sender) in [(&mut first, 0), (&mut second, 1)] {
        vector.bytes = hex(&Channel::grant(&vector.pair(known), &known[sender].key).1);
    }
    let bytes = first.bytes.clone();
    let mut others = vec![
        vector(
            "for another task",
            TaskId::from_bytes([2; 32]),
            (0, 0),
            (1, 1),
            Mutation::None,
            false,
        ),
        vector("for another seat", task, (0, 0), (2, 1), Mutation::None, false),
        vector("from another organization", task, (0, 1), (1, 1), Mutation::None, false),
        vector("for another organization", task, (0, 0), (1, 0), Mutation::None, false),
        vector("the secret is changed", task, (0, 0), (1, 1), Mutation::Flip(-1), false),
        vector("what is signed is changed", task, (0, 0), (1, 1), Mutation::Flip(10), false),
        vector("its end is missing", task, (0, 0), (1, 1), Mutation::Cut(-1), false),
        vector("something follows", task, (0, 0), (1, 1), Mutation::Append, false),
    ];
    others.iter_mut().for_each(|vector| vector.bytes = bytes.clone());
    vec![first, second].into_iter().chain(others).collect()
}

fn envelopes(grants: &[GrantVector], known: &[Known]) -> Vec<EnvelopeVector> {
    let channel = grants[0].accept(known).unwrap();
    let sealed = |what: &str, content: u8, sequence, topic: &str, length| {
        let mut bytes = Vec::new();
        let place = (CONTENTS[usize::from(content)], sequence);
        channel.seal(place, topic, Cursor::new(body(length)), &mut bytes).unwrap();
        EnvelopeVector {
            what: what.into(),
            grant: 0,
            content,
            sequence,
            topic: topic.into(),
            length,
            bytes: hex(&bytes),
            of: None,
            mutation: Mutation::None,
            valid: true,
        }
    };
    let mut all = vec![
        sealed("an empty message", 0, 0, "", 0),
        sealed("a message", 0, 1, "masked sum", 100),
        sealed("arguments", 1, 0, "", 300),
        sealed("a result of three chunks", 2, 0, "", 131_100),
        sealed("a closing statement", 3, 0, "closing", 200),
        sealed("a report of progress", 4, 7, "", 30),
    ];
    let negative = |of: usize, what: &str, mutation| EnvelopeVector {
        what: what.into(),
        bytes: String::new(),
        of: Some(of),
        topic: all[of].topic.clone(),
        mutation,
        valid: false,
        ..all[of]
    };
    let (message, large) = (1, 3);
    let others = [
        ("another magic", 0),
        ("another version", 4),
        ("another suite", 5),
        ("another content", 6),
        ("another task", 7),
        ("another sender", 42),
        ("another receiver", 46),
        ("another grant", 47),
        ("another number", 86),
        ("another length", 94),
        ("another salt", 99),
        ("another commitment", 131),
        ("another body", 163),
        ("another tag", -1),
    ];
    let mut negatives: Vec<_> =
        others.iter().map(|(what, at)| negative(message, what, Mutation::Flip(*at))).collect();
    negatives.push(negative(message, "its end is missing", Mutation::Cut(-1)));
    negatives.push(negative(message, "something follows", Mutation::Append));
    negatives.push(negative(message, "only a header", Mutation::Cut(95)));
    negatives.push(negative(message, "nothing", Mutation::Cut(0)));
    negatives.push(negative(large, "chunks have changed places", Mutation::Swap));
    negatives.push(negative(
        large,
        "the last chunk is missing",
        Mutation::Cut(95 + 64 + 2 * 65_552),
    ));
    negatives.push(EnvelopeVector { sequence: 2, ..negative(message, "replayed", Mutation::None) });
    negatives
        .push(EnvelopeVector { content: 2, ..negative(message, "as a result", Mutation::None) });
    negatives
        .push(EnvelopeVector { content: 4, ..negative(message, "as progress", Mutation::None) });
    negatives.push(EnvelopeVector { grant: 1, ..negative(message, "reflected", Mutation::None) });
    all.extend(negatives);
    all
}

fn closings(key: &OrganizationKey, rolling: Rolling) -> Vec<ClosingVector> {
    let sent = Tally {
        task: TaskId::from_bytes([1; 32]),
        sender: Seat(0),
        receiver: Seat(1),
        messages: rolling.count,
        rolling: rolling.hash,
    };
    let closing = Closing { sent, ending: ClosingEnding::Failed };
    let bytes = hex(&key.sign(closing).encode());
    let vector = |what: &str, organization, mutation, valid| ClosingVector {
        what: what.into(),
        organization,
        task: TaskId::from_bytes([1; 32]),
        sender: 0,
        receiver: 1,
        messages: rolling.count,
        rolling: hex(&rolling.hash),
        ending: 1,
        bytes: bytes.clone(),
        mutation,
        valid,
    };
    vec![
        vector("as it was signed", 0, Mutation::None, true),
        vector("another organization signed", 1, Mutation::None, false),
        vector("the count is changed", 0, Mutation::Flip(51), false),
        vector("the ending is changed", 0, Mutation::Flip(84), false),
        vector("its end is missing", 0, Mutation::Cut(-1), false),
        vector("something follows", 0, Mutation::Append, false),
    ]
}
