use std::sync::LazyLock;

use anchorhold_client::requester::{PartyRequest, Requester, TaskRequest};
use anchorhold_identity::{OrganizationKey, RootKey};
use anchorhold_model::{Digest, Limits};

use super::*;

const NOW: u64 = 1_000_000;
const NAMES: [&str; 3] = ["north", "middle", "south"];

struct Organization {
    root: RootKey,
    key: OrganizationKey,
    statement: Statement,
}

impl Organization {
    fn new(name: &str) -> Self {
        let (root, key) = (RootKey::generate(), OrganizationKey::generate(3072));
        let statement = root.state(name, 1, &key, (NOW - 1_000, NOW + 1_000_000));
        Self { root, key, statement }
    }

    fn requester(&self) -> Requester<'_> {
        Requester { statement: &self.statement, key: &self.key }
    }
}

/// The members, and somebody who is none.
static ORGANIZATIONS: LazyLock<Vec<Organization>> = LazyLock::new(|| {
    NAMES.iter().chain([&"stranger"]).map(|name| Organization::new(name)).collect()
});

fn file() -> CollaborationFile {
    let members = NAMES.iter().zip(ORGANIZATIONS.iter());
    let members = members
        .map(|(name, organization)| ((*name).to_owned(), organization.statement.organization()));
    let server = "http://127.0.0.1:1".parse().expect("it is one");
    CollaborationFile::new("lung", server, members.collect(), Vec::new()).expect("it is one")
}

/// What an offer is made of, to be changed.
struct Case {
    /// Who signs.
    requester: usize,
    collaboration: anchorhold_model::CollaborationId,
    digests: Vec<Digest>,
    times: (u64, u64),
    task: TaskRequest,
}

impl Case {
    fn new() -> Self {
        let digest = Digest::of(b"component");
        let party = |organization: &Organization| PartyRequest {
            statement: organization.statement.clone(),
            role: "party".into(),
            datasets: vec!["patients".into()],
            arguments: b"{}".to_vec(),
        };
        let task = TaskRequest {
            run: RunId::from_bytes([0; 32]),
            ordinal: 0,
            digest,
            parties: ORGANIZATIONS.iter().take(3).map(party).collect(),
            limits: Limits::default(),
            created: NOW,
            deadline: NOW + 100,
        };
        let (digests, times) = (vec![digest], (NOW, NOW + 1_000));
        Self { requester: 0, collaboration: file().collaboration().id(), digests, times, task }
    }

    fn offer(mut self) -> Offer {
        let requester = ORGANIZATIONS[self.requester].requester();
        let run = requester.sign_run(&self.collaboration, self.digests, self.times);
        self.task.run = RunId::from_bytes(run.hash());
        let task = requester.sign_task(&self.task);
        let statements = self.task.parties.iter().map(|party| party.statement.encode());
        Offer {
            task: task.id(),
            run_manifest: run.encode(),
            task_manifest: task.manifest().encode(),
            statements: statements.chain([requester.statement.encode()]).collect(),
        }
    }
}

/// Verifies an offer as the node in the middle.
fn verify(offer: &Offer) -> Result<Order, NotOrdered> {
    let (file, own) = (file(), &ORGANIZATIONS[1].statement);
    Verifier { file: &file, own, now: NOW }.verify(offer)
}

/// Expects that nobody known asks for it.
fn not_genuine(offer: &Offer, expected: &str) {
    match verify(offer) {
        Err(NotOrdered::Unknown(refusal)) => {
            assert_eq!(refusal.kind(), "not-genuine");
            assert!(refusal.to_string().contains(expected), "{refusal}: {expected}");
        }
        other => panic!("{other:?} instead of {expected}"),
    }
}

/// Expects that the requester is told why it cannot be.
fn refused(case: Case, kind: &str, expected: &str) {
    match verify(&case.offer()) {
        Err(NotOrdered::Refused(_, refusal)) => {
            assert_eq!(refusal.kind(), kind);
            assert!(refusal.to_string().contains(expected), "{refusal}: {expected}");
        }
        other => panic!("{other:?} instead of {kind}"),
    }
}

#[test]
fn an_honest_offer_is_an_order() {
    let order = verify(&Case::new().offer()).unwrap();
    assert_eq!((order.seat, order.role()), (Seat(1), "party"));
    assert_eq!(order.requester_name, "north");
    assert_eq!(order.peers().collect::<Vec<_>>(), [Seat(0), Seat(2)]);
    let names: Vec<_> = order.parties.iter().map(|party| party.organization.as_str()).collect();
    assert_eq!(names, NAMES);
}

#[test]
fn what_the_requester_did_not_sign_is_not_genuine() {
    let (offer, other) = (Case::new().offer(), Case::new().offer());
    for position in [8, 60, offer.task_manifest.len() - 10] {
        let mut changed = offer.clone();
        changed.task_manifest[position] ^= 1;
        not_genuine(&changed, "");
        let mut changed = offer.clone();
        let last = changed.run_manifest.len() - 1;
        changed.run_manifest[position.min(last)] ^= 1;
        not_genuine(&changed, "");
    }
    let swapped = Offer { run_manifest: other.run_manifest.clone(), ..offer.clone() };
    not_genuine(&swapped, "of another run");
    not_genuine(&Offer { task: other.task, ..offer.clone() }, "has another id");
    // A manifest that another member signed, for a run of the requester.
    let case = Case { requester: 2, ..Case::new() };
    let foreign = Offer { task_manifest: case.offer().task_manifest, ..offer.clone() };
    not_genuine(&foreign, "another than the run's");
    not_genuine(&Offer { statements: Vec::new(), ..offer.clone() }, "statement is missing");
    let many = vec![offer.statements[0].clone(); limits::OFFERED_STATEMENTS + 1];
    not_genuine(&Offer { statements: many, ..offer }, "more key statements");
}

#[test]
fn a_swapped_key_does_not_chain_to_the_pin() {
    // The server makes a root of its own for the same name, and puts its statement in place.
    let attacker = Organization::new("south");
    let mut case = Case::new();
    case.task.parties[2].statement = attacker.statement.clone();
    not_genuine(&case.offer(), "is no member of the collaboration");
    // A statement of another member in a seat that is not its own.
    let mut offer = Case::new().offer();
    offer.statements[2] = ORGANIZATIONS[0].statement.encode();
    not_genuine(&offer, "statement is missing");
}

#[test]
fn strangers_ask_for_nothing() {
    not_genuine(&Case { requester: 3, ..Case::new() }.offer(), "no member");
    let mut case = Case::new();
    case.task.parties[0].statement = ORGANIZATIONS[3].statement.clone();
    not_genuine(&case.offer(), "no member");
    let collaboration = anchorhold_model::CollaborationId::from_bytes([9; 32]);
    not_genuine(&Case { collaboration, ..Case::new() }.offer(), "another collaboration");
    let mut case = Case::new();
    case.task.parties.remove(1);
    not_genuine(&case.offer(), "has no seat");
    let mut case = Case::new();
    case.task.parties[2] = case.task.parties[0].clone();
    not_genuine(&case.offer(), "two seats");
}

#[test]
fn what_cannot_be_is_refused_with_its_reason() {
    let mut case = Case::new();
    case.task.deadline = NOW;
    refused(case, "time", "deadline passed");
    refused(Case { times: (NOW, NOW - 1), ..Case::new() }, "time", "run expired 1 s ago");
    let mut case = Case::new();
    case.task.created = NOW + 86_400;
    refused(case, "time", "86400 s in this node's future: a clock is wrong");
    refused(Case { digests: vec![Digest::of(b"x")], ..Case::new() }, "algorithm", "the run");
    let rotated = &ORGANIZATIONS[1];
    let mut case = Case::new();
    case.task.parties[1].statement =
        rotated.root.state("middle", 2, &rotated.key, (NOW - 1, NOW + 9));
    refused(case, "other-key", "another key of this organization");
    let expired = &ORGANIZATIONS[2];
    let mut case = Case::new();
    case.task.parties[2].statement =
        expired.root.state("south", 1, &expired.key, (NOW - 9, NOW - 1));
    refused(case, "time", "");
}
