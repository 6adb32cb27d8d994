use std::sync::OnceLock;

use anchorhold_identity::RootKey;
use anchorhold_model::layout::ClosingEnding;

use super::*;

/// An organization of the tests: making its key takes a second.
struct Organization {
    statement: Statement,
    key: OrganizationKey,
}

impl Organization {
    fn requester(&self) -> Requester<'_> {
        Requester { statement: &self.statement, key: &self.key }
    }
}

/// A requester and two parties.
fn organizations() -> &'static [Organization; 3] {
    static ORGANIZATIONS: OnceLock<[Organization; 3]> = OnceLock::new();
    ORGANIZATIONS.get_or_init(|| {
        ["asks", "north", "south"].map(|name| {
            let key = OrganizationKey::generate(3072);
            Organization { statement: RootKey::generate().state(name, 1, &key, (0, 100)), key }
        })
    })
}

fn request() -> TaskRequest {
    let [_, north, south] = organizations();
    let party = |organization: &Organization, arguments: &str| PartyRequest {
        statement: organization.statement.clone(),
        role: "contributor".into(),
        datasets: vec!["patients".into()],
        arguments: arguments.into(),
    };
    TaskRequest {
        run: RunId::from_bytes([1; 32]),
        ordinal: 0,
        digest: Digest::of(b"component"),
        parties: vec![party(north, "{\"a\":1}"), party(south, "{\"a\":2}")],
        limits: Limits::default(),
        created: 10,
        deadline: 20,
    }
}

#[test]
fn each_party_opens_its_own_arguments_and_they_are_those_committed_to() {
    let [asks, north, south] = organizations();
    let request = request();
    let signed = asks.requester().sign_task(&request);
    let manifest = signed.manifest().value();
    assert_eq!(manifest.requester, asks.statement.hash());
    for (index, party) in [north, south].into_iter().enumerate() {
        let seat = Seat(u32::try_from(index).unwrap());
        let sender = Place { seat: REQUESTER, statement: &asks.statement };
        let receiver = Place { seat, statement: &party.statement };
        let pair = Pair { task: signed.id(), sender, receiver };
        let parcel = &signed.arguments()[index];
        let channel = Channel::accept(&pair, &parcel.grant, &party.key).unwrap();
        let mut body = Vec::new();
        channel.open((Content::Arguments, 0), &*parcel.envelope, &mut body).unwrap();
        let (key, arguments) = body.split_first_chunk().unwrap();
        assert_eq!(arguments, request.parties[index].arguments);
        assert_eq!(manifest.parties[index].arguments, commitment(key, arguments));
        let other = &signed.arguments()[1 - index];
        Channel::accept(&pair, &other.grant, &party.key).expect_err("it is for the other");
    }
}

#[test]
fn a_commitment_is_to_its_arguments_under_its_key() {
    // HMAC-SHA256 of "anchorhold/1 arguments\0{}" under 32 bytes of 7, as Python's hmac has it.
    let expected = "781d7b6349f48ed33163d82858bc3b82e0937ff798dc2f6327e28dddab3dd613";
    let hex = |bytes: [u8; 32]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!(hex(commitment(&[7; 32], b"{}")), expected);
    assert_ne!(hex(commitment(&[8; 32], b"{}")), expected);
    assert_ne!(hex(commitment(&[7; 32], b"{ }")), expected);
}

/// What a party's node does at its end.
fn seal(task: TaskId, place: (Seat, &Organization), body: &[u8]) -> SealedParcel {
    seal_as((Content::Result, 0), task, place, body)
}

fn seal_as(
    content: (Content, u64),
    task: TaskId,
    (seat, party): (Seat, &Organization),
    body: &[u8],
) -> SealedParcel {
    let [asks, ..] = organizations();
    let sender = Place { seat, statement: &party.statement };
    let receiver = Place { seat: REQUESTER, statement: &asks.statement };
    let (channel, grant) = Channel::grant(&Pair { task, sender, receiver }, &party.key);
    let mut envelope = Vec::new();
    channel.seal(content, "", Cursor::new(body), &mut envelope).unwrap();
    SealedParcel { grant, envelope }
}

#[test]
fn a_result_opens_for_its_task_seat_and_party_alone() {
    let [asks, north, south] = organizations();
    let task = TaskId::from_bytes([3; 32]);
    let ending = ClosingEnding::Finished;
    let outcome =
        Outcome { ending, kind: "finished".into(), text: String::new(), result: vec![9; 100_000] };
    let parcel = seal(task, (Seat(0), north), &outcome.encode());
    let requester = asks.requester();
    let open = |task, place, parcel| requester.open_result(task, place, parcel);
    assert_eq!(open(task, (Seat(0), &north.statement), &parcel).unwrap(), outcome);

    let other = TaskId::from_bytes([4; 32]);
    for (task, place) in [
        (other, (Seat(0), &north.statement)),
        (task, (Seat(1), &north.statement)),
        (task, (Seat(0), &south.statement)),
    ] {
        let error = open(task, place, &parcel).unwrap_err();
        assert!(matches!(error, ResultError::NotOpened { .. }), "{error:?}");
    }
    let mut changed = parcel.clone();
    *changed.envelope.last_mut().unwrap() ^= 1;
    let error = open(task, (Seat(0), &north.statement), &changed).unwrap_err();
    assert!(matches!(error, ResultError::NotOpened { .. }), "{error:?}");
    let nonsense = seal(task, (Seat(0), north), b"nonsense");
    let error = open(task, (Seat(0), &north.statement), &nonsense).unwrap_err();
    assert!(matches!(error, ResultError::Malformed { .. }), "{error:?}");
}

#[test]
fn a_report_opens_for_its_task_seat_party_and_number_alone() {
    let [asks, north, south] = organizations();
    let task = TaskId::from_bytes([3; 32]);
    let progress = Progress { done: 1, total: 2, text: "half".into() };
    let sealed = |content, body: &[u8]| {
        let SealedParcel { grant, envelope } = seal_as(content, task, (Seat(0), north), body);
        Report { number: 7, grant, envelope }
    };
    let report = sealed((Content::Progress, 7), &progress.encode());
    let requester = asks.requester();
    let open = |task, place, report| requester.open_report(task, place, report);
    let place = (Seat(0), &north.statement);
    assert_eq!(open(task, place, &report), Some(progress.clone()));

    let other = TaskId::from_bytes([4; 32]);
    assert_eq!(open(other, place, &report), None);
    assert_eq!(open(task, (Seat(1), &north.statement), &report), None);
    assert_eq!(open(task, (Seat(0), &south.statement), &report), None);
    let as_new = Report { number: 8, ..report.clone() };
    assert_eq!(open(task, place, &as_new), None);
    let result = sealed((Content::Result, 7), &progress.encode());
    assert_eq!(open(task, place, &result), None);
    assert_eq!(open(task, place, &sealed((Content::Progress, 7), b"nonsense")), None);
}

#[test]
fn two_runs_with_the_same_contents_are_two() {
    let [asks, ..] = organizations();
    let id = CollaborationId::from_bytes([5; 32]);
    let sign = || asks.requester().sign_run(&id, vec![Digest::of(b"a")], (1, 2));
    let (one, other) = (sign(), sign());
    assert_ne!(one.hash(), other.hash());
    let bytes = one.encode();
    let read = Signed::<RunManifest>::verify(&bytes, asks.statement.signing()).unwrap();
    assert_eq!(read.value().requester, *asks.statement.organization().as_bytes());
}
