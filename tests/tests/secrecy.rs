//! What is computed on stays with the organizations: markers in data, arguments, messages, storage
//! and results are neither at the server nor on the network, nor on a node's disk after the run.

use std::fs;
use std::path::Path;

use anchorhold_model::layout::ClosingEnding;
use anchorhold_tests::MARKED;
use anchorhold_tests::tamper::Tamper;

const ARGUMENT: &str = "\"marker-in-the-arguments\"";
/// In the first node's dataset, and so in its messages, its storage and everybody's result.
const DATA: &str = "name-0-7";

/// Returns all files under a folder in which a text is.
fn found(folder: &Path, text: &str) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("it is there") {
        let path = entry.expect("it can be listed").path();
        if path.is_dir() {
            found.extend(self::found(&path, text));
        } else if holds(&fs::read(&path).expect("it can be read"), text) {
            found.push(path);
        }
    }
    found
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn markers_are_nowhere_but_with_the_parties_and_the_requester() {
    let tamper = Tamper::start().await;
    tamper.watch();
    let network = tamper.network(3).await;
    let mut run = network.run(MARKED).await;
    let outcomes = run.task(ARGUMENT, &["patients"]).await;
    for outcome in outcomes {
        let outcome = outcome.expect("it was told");
        assert_eq!(outcome.ending, ClosingEnding::Finished, "{outcome:?}");
        // The markers are where they must be, or this test would see nothing.
        assert!(holds(&outcome.result, ARGUMENT) && holds(&outcome.result, DATA));
    }
    run.close().await;
    let closed = network.folder().join("north/state/journal.jsonl");
    while !holds(&fs::read(&closed).expect("it is there"), "\"closed\"") {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let seen = tamper.seen();
    assert!(holds(&seen, "AHLD"), "envelopes were seen");
    for marker in [ARGUMENT, DATA, "marker-in"] {
        assert!(!holds(&seen, marker), "{marker} on the network");
        assert_eq!(
            fs::read_dir(network.folder())
                .expect("it is there")
                .filter(|entry| {
                    let path = entry.as_ref().expect("it can be listed").path();
                    path.is_file() && holds(&fs::read(&path).expect("it can be read"), marker)
                })
                .count(),
            0,
            "{marker} at the server"
        );
        for name in ["north", "middle", "south"] {
            let state = network.folder().join(name).join("state");
            let found = found(&state, marker);
            assert!(found.is_empty(), "{marker} in {found:?}");
        }
    }
}
