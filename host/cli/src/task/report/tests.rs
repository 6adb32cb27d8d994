use anchorhold_model::ExecutionState;
use anchorhold_model::layout::{ClosingEnding, Outcome};
use serde_json::{Value, json};

use super::*;

fn party(name: &str, told: Told) -> PartyOutcome {
    PartyOutcome {
        seat: Seat(0),
        name: name.into(),
        organization: Fingerprint::from_bytes([1; 32]),
        role: "contributor".into(),
        told,
    }
}

fn finished(name: &str, result: &str) -> PartyOutcome {
    let ending = ClosingEnding::Finished;
    let kind = "finished".into();
    let outcome = Outcome { ending, kind, text: String::new(), result: result.into() };
    party(name, Told::Party(outcome))
}

fn ended(name: &str, ending: ClosingEnding, kind: &str, text: &str) -> PartyOutcome {
    let outcome = Outcome { ending, kind: kind.into(), text: text.into(), result: Vec::new() };
    party(name, Told::Party(outcome))
}

fn server(name: &str, state: ExecutionState, kind: &str) -> PartyOutcome {
    party(name, Told::Server(state, kind.into()))
}

fn printed(outcomes: &[PartyOutcome]) -> String {
    let mut out = Vec::new();
    print(&mut out, outcomes).unwrap();
    String::from_utf8(out).unwrap()
}

fn failed(outcomes: &[PartyOutcome]) -> (Kind, String) {
    let error = failure(outcomes).unwrap();
    (error.kind(), error.to_string())
}

#[test]
fn results_are_printed_once_where_all_have_the_same() {
    let same = [finished("north", "{\"n\":2}"), finished("south", "{\"n\":2}")];
    assert_eq!(printed(&same), "result, the same for every party\n{\n  \"n\": 2\n}\n");
    let differ = [finished("north", "1"), finished("south", "2")];
    assert_eq!(printed(&differ), "result for north\n1\nresult for south\n2\n");
    assert_eq!(printed(&differ[..1]), "result for north\n1\n");
    assert_eq!(failure(&same), None);
}

#[test]
fn a_party_without_result_is_said_with_who_tells_it() {
    use ClosingEnding::{Failed, Refused};
    for (outcome, kind, expected) in [
        (
            ended("north", Failed, "error", "too few rows"),
            Kind::Failed,
            "the execution of north failed (error): too few rows",
        ),
        (
            ended("north", Refused, "not-allowed", ""),
            Kind::Refused,
            "the node of north refused the task (not-allowed)",
        ),
        (
            server("north", ExecutionState::Failed, "killed"),
            Kind::Failed,
            "the execution of north failed (killed), as the server says",
        ),
        (
            server("north", ExecutionState::Refused, ""),
            Kind::Refused,
            "the node of north refused the task, as the server says",
        ),
        (
            server("north", ExecutionState::Lost, ""),
            Kind::Failed,
            "the node of north did not come or went away, as the server says",
        ),
        (
            server("north", ExecutionState::Finished, ""),
            Kind::Failed,
            "the execution of north finished, as the server says, but its result is not there",
        ),
        (
            party("north", Told::Unopened("it cannot be opened".into())),
            Kind::Failed,
            "north: it cannot be opened",
        ),
    ] {
        assert_eq!(
            printed(std::slice::from_ref(&outcome)),
            format!("result for north\nnone: {expected}\n")
        );
        assert_eq!(failed(&[outcome]), (kind, format!("error: {expected}")));
    }
    let running = [server("north", ExecutionState::Running, "")];
    let expected = "error: the execution of north has not ended\nhint: `anchorhold task wait` \
                    waits for it";
    assert_eq!(failed(&running), (Kind::Input, expected.into()));
}

#[test]
fn of_several_failures_that_which_explains_the_others_is_said() {
    let peer = ended("north", ClosingEnding::Failed, "error", "a peer ended");
    let trap = ended("middle", ClosingEnding::Failed, "trap", "trapped");
    let lost = server("south", ExecutionState::Lost, "");
    let refused = ended("west", ClosingEnding::Refused, "dataset", "no patients");
    let all = [peer, finished("east", "1"), trap, lost, refused];
    assert_eq!(
        failed(&all),
        (
            Kind::Refused,
            "error: the node of west refused the task (dataset): no patients; 3 more parties did \
             not finish"
                .into()
        )
    );
    let (kind, text) = failed(&all[..4]);
    assert_eq!(kind, Kind::Failed);
    assert!(text.starts_with("error: the node of south did not come"), "{text}");
    let (_, text) = failed(&all[..3]);
    let expected = "error: the execution of middle failed (trap): trapped; one more party did not \
                    finish";
    assert_eq!(text, expected);
}

#[test]
fn machines_read_who_tells_what() {
    let outcomes = [
        finished("north", "{\"n\":2}"),
        finished("middle", "text"),
        server("south", ExecutionState::Lost, ""),
    ];
    let ids = (TaskId::from_bytes([1; 32]), RunId::from_bytes([2; 32]));
    let mut out = Vec::new();
    super::json(&mut out, ids, &outcomes).unwrap();
    let said: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!((&said["task"], &said["run"]), (&json!("01".repeat(32)), &json!("02".repeat(32))));
    let [north, middle, south] = [0, 1, 2].map(|party| &said["parties"][party]);
    assert_eq!((&north["told_by"], &north["ending"]), (&json!("party"), &json!("finished")));
    assert_eq!((&north["result"], &middle["result_text"]), (&json!({"n": 2}), &json!("text")));
    assert_eq!((&south["told_by"], &south["ending"]), (&json!("server"), &json!("lost")));
    assert!(south.get("result").is_none() && south["detail"].is_string());
}

#[test]
fn words_of_a_party_do_nothing_to_the_terminal() {
    let outcome = ended("north", ClosingEnding::Failed, "error", "\u{1b}[2J");
    assert!(printed(std::slice::from_ref(&outcome)).ends_with(": \\u{1b}[2J\n"));
    assert!(failed(&[outcome]).1.ends_with(": \\u{1b}[2J"));
}
