//! A server that swaps, alters, replays, reorders, drops, truncates, reflects or forges: each node
//! refuses with its reason, and the honest task beside it finishes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use anchorhold_identity::{Fingerprint, OrganizationKey, RootKey};
use anchorhold_model::layout::{ClosingEnding, Outcome, RunEnd};
use anchorhold_model::link::{Frame, Offer, ParcelKind, Stream, ToNode};
use anchorhold_model::{ExecutionState, Seat, TaskId};
use anchorhold_tests::network::{Network, ORGANIZATIONS};
use anchorhold_tests::tamper::Tamper;
use anchorhold_tests::{BULK, NEIGHBOUR, SECURE_SUM};

/// A network whose nodes reach the server through one that cannot be trusted.
async fn network(members: usize) -> (Network, Tamper) {
    let tamper = Tamper::start().await;
    (tamper.network(members).await, tamper)
}

/// What a hostile server does to one node in one task.
struct Attack {
    tamper: Tamper,
    network: Network,
    /// The task that is attacked: the first that is offered after the attack began.
    victim: Arc<Mutex<Option<TaskId>>>,
}

impl Attack {
    /// Changes what the node in the middle is told of the first task that it is offered.
    async fn new(change: impl Fn(ToNode) -> Vec<ToNode> + Send + Sync + 'static) -> Self {
        let (network, tamper) = network(3).await;
        let victim = Arc::new(Mutex::new(None));
        let seen = victim.clone();
        tamper.change(Arc::new(move |whose: &Fingerprint, message| {
            if *whose != ORGANIZATIONS[1].fingerprint() {
                return vec![message];
            }
            let Some(task) = task_of(&message) else { return vec![message] };
            let mut victim = seen.lock().expect("no panic");
            if *victim.get_or_insert(task) == task { change(message) } else { vec![message] }
        }));
        Self { tamper, network, victim }
    }

    /// Runs the attacked task and an honest one after it, and returns how the attacked node ended.
    async fn run(&self, component: &str, arguments: &str) -> (ExecutionState, String, String) {
        let mut run = self.network.run(component).await;
        let request = run.next(arguments, &[]);
        let task = run.submit(&request).await;
        let mut beside = self.network.run(NEIGHBOUR).await;
        let honest = beside.next("{}", &[]);
        let other = beside.submit(&honest).await;
        beside.wait(other).await;
        for outcome in beside.outcomes(&honest, other).await {
            let outcome = outcome.expect("it was told");
            assert_eq!(outcome.ending, ClosingEnding::Finished, "{outcome:?}");
        }
        let status = run.wait(task).await;
        assert_eq!(*self.victim.lock().expect("no panic"), Some(task));
        let of = &status.executions[1];
        let outcome: Option<Outcome> = run.outcomes(&request, task).await.swap_remove(1);
        match outcome {
            Some(outcome) => (of.state, outcome.kind, outcome.text),
            None => (of.state, of.kind.clone(), String::new()),
        }
    }
}

fn task_of(message: &ToNode) -> Option<TaskId> {
    match message {
        ToNode::Offer(offer) => Some(offer.task),
        ToNode::Frame(frame) => Some(frame.stream.task),
        ToNode::Ended(task, ..) => Some(*task),
        _ => None,
    }
}

/// Changes offers.
async fn with_offer(change: impl Fn(Offer) -> Offer + Send + Sync + 'static) -> Attack {
    Attack::new(move |message| match message {
        ToNode::Offer(offer) => vec![ToNode::Offer(change(offer))],
        other => vec![other],
    })
    .await
}

/// Changes the frames that come from the party at seat 0.
async fn with_frames(change: impl Fn(Frame) -> Vec<Frame> + Send + Sync + 'static) -> Attack {
    Attack::new(move |message| match message {
        ToNode::Frame(frame) if frame.stream.sender == Seat(0) => {
            change(frame).into_iter().map(ToNode::Frame).collect()
        }
        other => vec![other],
    })
    .await
}

/// Expects that the attacked node tells the requester what is wrong.
async fn fails(attack: &Attack, expected: &str) {
    let (state, kind, text) = attack.run(BULK, "[3,1000]").await;
    assert_eq!((state, kind.as_str()), (ExecutionState::Failed, "not-genuine"), "{text}");
    assert!(text.contains("what came from north is not genuine"), "{text}");
    assert!(text.contains(expected), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn swaps_a_key() {
    let (root, key) = (RootKey::generate(), OrganizationKey::generate(3072));
    let swapped = root.state("south", 1, &key, (0, 1 << 40)).encode();
    let south = ORGANIZATIONS[2].statement.encode();
    let attack = with_offer(move |mut offer| {
        let place = offer.statements.iter_mut().find(|bytes| **bytes == south);
        place.expect("it is offered").clone_from(&swapped);
        offer
    })
    .await;
    let (state, kind, _) = attack.run(NEIGHBOUR, "{}").await;
    assert_eq!((state, kind.as_str()), (ExecutionState::Refused, "not-genuine"));
}

#[tokio::test(flavor = "multi_thread")]
async fn alters_a_task() {
    let attack = with_offer(|mut offer| {
        // The ordinal: behind the length and the run.
        offer.task_manifest[4 + 32 + 3] ^= 1;
        offer
    })
    .await;
    let (state, kind, _) = attack.run(NEIGHBOUR, "{}").await;
    assert_eq!((state, kind.as_str()), (ExecutionState::Refused, "not-genuine"));
}

#[tokio::test(flavor = "multi_thread")]
async fn replays_a_message_as_the_next() {
    let kept = Mutex::new(None::<Frame>);
    let attack = with_frames(move |frame| {
        let mut kept = kept.lock().expect("no panic");
        match (&*kept, frame.kind, frame.sequence) {
            (None, ParcelKind::Message, 0) => *kept = Some(frame.clone()),
            (Some(first), ParcelKind::Message, 1) => {
                let (number, sequence) = (frame.number, frame.sequence);
                return vec![Frame { number, sequence, ..first.clone() }];
            }
            _ => {}
        }
        vec![frame]
    })
    .await;
    fails(&attack, "forged, changed or moved").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn repeats_a_number_with_other_contents() {
    let attack = with_frames(|frame| match (frame.kind, frame.sequence) {
        (ParcelKind::Message, 1) => {
            let other = Frame { bytes: vec![0; frame.bytes.len()], ..frame.clone() };
            vec![frame, other]
        }
        _ => vec![frame],
    })
    .await;
    fails(&attack, "came twice with different contents").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn repeats_a_frame_as_it_was() {
    let attack = with_frames(|frame| vec![frame.clone(), frame]).await;
    // A network may do that; nothing is taken twice.
    let (state, _, text) = attack.run(BULK, "[3,1000]").await;
    assert_eq!(state, ExecutionState::Finished, "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn reorders() {
    let held = Mutex::new(None::<Frame>);
    let attack = with_frames(move |frame| {
        let mut held = held.lock().expect("no panic");
        match (frame.kind, frame.sequence) {
            (ParcelKind::Message, 0) => {
                *held = Some(frame);
                Vec::new()
            }
            _ => [frame].into_iter().chain(held.take()).collect(),
        }
    })
    .await;
    fails(&attack, "something is missing before frame").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn drops_the_middle() {
    let attack = with_frames(|frame| match (frame.kind, frame.sequence) {
        (ParcelKind::Message, 1) => Vec::new(),
        _ => vec![frame],
    })
    .await;
    fails(&attack, "something is missing before frame").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn drops_the_middle_and_numbers_the_rest_anew() {
    let dropped = AtomicBool::new(false);
    let attack = with_frames(move |mut frame| {
        if dropped.load(Ordering::Relaxed) {
            frame.number -= 1;
            frame.sequence = frame.sequence.saturating_sub(1);
        } else if (frame.kind, frame.sequence) == (ParcelKind::Message, 1) {
            dropped.store(true, Ordering::Relaxed);
            return Vec::new();
        }
        vec![frame]
    })
    .await;
    fails(&attack, "forged, changed or moved").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn drops_the_tail_and_closes() {
    let dropped = AtomicBool::new(false);
    let attack = with_frames(move |mut frame| {
        if dropped.load(Ordering::Relaxed) {
            frame.number -= 1;
        } else if (frame.kind, frame.sequence) == (ParcelKind::Message, 2) {
            dropped.store(true, Ordering::Relaxed);
            return Vec::new();
        }
        vec![frame]
    })
    .await;
    fails(&attack, "the closing statement says 3 messages").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn drops_the_tail_and_says_that_the_party_finished() {
    let attack = Attack::new(|message| match message {
        ToNode::Frame(frame) if frame.stream.sender == Seat(0) => {
            match (frame.kind, frame.sequence) {
                (ParcelKind::Message, 2) => {
                    let (task, seat) = (frame.stream.task, frame.stream.sender);
                    vec![ToNode::Ended(task, seat, ExecutionState::Finished)]
                }
                (ParcelKind::Closing, _) => Vec::new(),
                _ => vec![ToNode::Frame(frame)],
            }
        }
        other => vec![other],
    })
    .await;
    let (state, kind, text) = attack.run(BULK, "[3,1000]").await;
    assert_eq!((state, kind.as_str()), (ExecutionState::Failed, "error"));
    // The algorithm hears that the party was lost, not that it finished.
    assert!(text.contains("PeerEnded(Ending::Lost)"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn truncates() {
    let attack = with_frames(|mut frame| {
        if frame.kind == ParcelKind::Message {
            frame.bytes.truncate(frame.bytes.len() - 1);
        }
        vec![frame]
    })
    .await;
    fails(&attack, "forged, changed or moved").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reflects() {
    // What the requester sends to the node comes back to it as from a party.
    let kept = Mutex::new(Vec::<Frame>::new());
    let attack = Attack::new(move |message| {
        let mut kept = kept.lock().expect("no panic");
        match message {
            ToNode::Frame(frame) if frame.stream.sender == Seat(0) => {
                let reflected = kept.iter().find(|kept| kept.kind == frame.kind).cloned();
                let stream = Stream { sender: Seat(0), ..frame.stream };
                let number = frame.number;
                let reflected = reflected.map(|kept| Frame { stream, number, ..kept });
                vec![ToNode::Frame(reflected.unwrap_or(frame))]
            }
            ToNode::Frame(frame) => {
                kept.push(frame.clone());
                vec![ToNode::Frame(frame)]
            }
            other => vec![other],
        }
    })
    .await;
    fails(&attack, "forged, changed or moved").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forges_a_grant_from_a_sign_in() {
    let signature = Arc::new(Mutex::new(None::<Vec<u8>>));
    let forged = signature.clone();
    let attack = with_frames(move |mut frame| {
        let signature = forged.lock().expect("no panic");
        if let (ParcelKind::Grant, Some(signature)) = (frame.kind, &*signature) {
            // Where the signature is: the last bytes of what north signed.
            let start = frame.bytes.windows(64).rposition(|_| true).unwrap_or(0);
            let signed = &signature[signature.len() - 64..];
            frame.bytes[start..].copy_from_slice(signed);
        }
        vec![frame]
    })
    .await;
    let sign_ins = attack.tamper.sign_ins();
    let north = ORGANIZATIONS[0].fingerprint();
    let of_north = sign_ins
        .iter()
        .rev()
        .find(|signed| signed.windows(32).any(|bytes| bytes == north.as_bytes()));
    *signature.lock().expect("no panic") = of_north.cloned();
    assert!(of_north.is_some());
    fails(&attack, "forged, changed or moved").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn offers_a_task_again_and_again() {
    let kept = Mutex::new(None::<Offer>);
    let attack = Attack::new(move |message| {
        let mut kept = kept.lock().expect("no panic");
        if let ToNode::Offer(offer) = &message {
            *kept = Some(offer.clone());
        }
        // With everything that is said of the task, while it runs and when it is over.
        let again = kept.clone().map(ToNode::Offer);
        [message].into_iter().chain(again).collect()
    })
    .await;
    let (state, ..) = attack.run(NEIGHBOUR, "{}").await;
    assert_eq!(state, ExecutionState::Finished);
    let ledger = attack.network.node_folder(1).join("state/ledger.jsonl");
    let ledger = std::fs::read_to_string(ledger).expect("it is there");
    // Two messages and a result for each of the two tasks, and nothing twice.
    assert_eq!(ledger.lines().count(), 6, "{ledger}");
}

#[tokio::test(flavor = "multi_thread")]
async fn holds_a_task_back_until_the_next_one_of_its_run_is_taken_on() {
    let (network, tamper) = network(3).await;
    let held = Mutex::new(None::<Offer>);
    tamper.change(Arc::new(move |whose: &Fingerprint, message| {
        let mut held = held.lock().expect("no panic");
        match message {
            ToNode::Offer(offer) if *whose == ORGANIZATIONS[1].fingerprint() => match held.take() {
                None => {
                    *held = Some(offer);
                    Vec::new()
                }
                Some(first) => vec![ToNode::Offer(offer), ToNode::Offer(first)],
            },
            other => vec![other],
        }
    }));
    let mut run = network.run(NEIGHBOUR).await;
    let (first, second) = (run.next("{}", &[]), run.next("{}", &[]));
    let first = run.submit(&first).await;
    let honest = run.submit(&second).await;
    let status = run.wait(first).await;
    let refused = &status.executions[1];
    assert_eq!((refused.state, refused.kind.as_str()), (ExecutionState::Refused, "replayed"));
    run.wait(honest).await;
    for outcome in run.outcomes(&second, honest).await {
        let outcome = outcome.expect("it was told");
        assert_eq!(outcome.ending, ClosingEnding::Finished, "{outcome:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn closes_a_run_that_its_requester_did_not_close() {
    let (network, tamper) = network(3).await;
    let arguments = |phase| {
        let columns = [serde_json::json!({ "name": "age", "minimum": 0, "maximum": 120 })];
        serde_json::json!({ "columns": columns, "phase": phase }).to_string()
    };
    let mut run = network.run(SECURE_SUM).await;
    for outcome in run.task(&arguments("mask"), &["patients"]).await {
        assert_eq!(outcome.expect("it was told").ending, ClosingEnding::Finished);
    }
    // It has a statement, of a member who did not begin the run.
    let forged = RunEnd { run: run.run, tasks: 1 };
    let forged = ToNode::CloseRun(run.run, ORGANIZATIONS[1].key.sign(forged).encode());
    tamper.change(Arc::new(move |_: &Fingerprint, message| match message {
        offer @ ToNode::Offer(_) => vec![forged.clone(), offer],
        other => vec![other],
    }));
    let mut beside = network.run(NEIGHBOUR).await;
    for _ in 0..2 {
        beside.task("{}", &[]).await;
    }
    for outcome in run.task(&arguments("unmask"), &["patients"]).await {
        let outcome = outcome.expect("it was told");
        assert_eq!(outcome.ending, ClosingEnding::Finished, "{outcome:?}");
    }
}
