mod views;

use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::MaskedRing;
use crate::encoding::encode;
use crate::lab::{Failure, Lab, Traffic};
use crate::{Algorithm, Description, Ending, Error, Result, Security, Task, Z2_64};

#[derive(Clone, Serialize, Deserialize)]
struct Arguments {
    own: Vec<u64>,
    #[serde(default)]
    agreed: String,
    #[serde(default)]
    phase: String,
    /// The mask, instead of a random one.
    #[serde(default)]
    mask: Option<u8>,
}

fn describe() -> Description {
    let security = Security::semi_honest("Not the neighbours of a party.", "Nothing.");
    Description::new("ring", "1.0.0", "Adds vectors.", security)
}

fn run(task: &mut Task, arguments: Arguments) -> Result<Vec<u64>> {
    let own: Vec<_> = arguments.own.iter().copied().map(Z2_64).collect();
    let ring = MaskedRing::new(task, &arguments.agreed, own.len())?;
    let total = match arguments.phase.as_str() {
        "mask" => {
            ring.mask(task, &own)?;
            Vec::new()
        }
        "unmask" => ring.unmask(task)?,
        "unmask and fail" => {
            ring.unmask::<Z2_64>(task)?;
            return Err(Error::new("no"));
        }
        _ => ring.sum(task, &own)?,
    };
    Ok(total.into_iter().map(|element: Z2_64| element.0).collect())
}

/// A lab of parties with these vectors.
fn lab<V: AsRef<[u64]>>(vectors: &[V]) -> Lab {
    let mut lab = Lab::new(Algorithm::new(describe, run));
    lab.parties(vectors.len());
    phase(&mut lab, vectors, "");
    lab
}

fn phase<V: AsRef<[u64]>>(lab: &mut Lab, vectors: &[V], phase: &str) {
    for (seat, own) in vectors.iter().enumerate() {
        lab.arguments_of(seat, json!({ "own": own.as_ref(), "phase": phase }));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_total_is_the_sum_of_all_vectors(
        vectors in (0_usize..5).prop_flat_map(|length| {
            prop::collection::vec(prop::collection::vec(any::<u64>(), length), 3..9)
        }),
        seed: u64,
    ) {
        let total: Vec<u64> = (0..vectors[0].len())
            .map(|index| vectors.iter().fold(0, |sum, vector| vector[index].wrapping_add(sum)))
            .collect();
        let report = lab(&vectors).seed(seed).run();
        prop_assert_eq!(report.common_result(), &json!(total));

        let (parties, length) = (vectors.len(), vectors[0].len());
        prop_assert_eq!(report.traffic(), Traffic {
            messages: 2 * parties - 1,
            bytes: (2 * parties - 1) * (32 + 1 + 8 * length),
            rounds: u32::try_from(parties + 1).unwrap(),
        });
    }
}

#[test]
fn fewer_than_three_parties_are_refused() {
    for parties in [1, 2] {
        let report = lab(&vec![[1]; parties]).run();
        for seat in 0..parties {
            let text = report.failure(seat).to_string();
            assert!(text.starts_with("a sum takes at least 3 parties, not"), "{text}");
        }
        assert_eq!(report.traffic().messages, 0);
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let trace = |seed| lab(&[[1], [2], [3]]).seed(seed).run().trace().to_vec();
    assert_eq!(trace(1), trace(1));
    let (one, other) = (trace(1), trace(2));
    assert!((0..3).all(|hop| one[hop].body != other[hop].body), "the masked messages");
    assert_eq!(one[3..], other[3..], "the totals");
}

#[test]
fn two_tasks_of_one_run_draw_different_masks() {
    let mut lab = lab(&[[1], [2], [3]]);
    assert_ne!(lab.run().trace()[0].body, lab.run().trace()[0].body);
}

#[test]
fn a_neighbour_with_other_arguments_or_another_length_is_noticed() {
    let mut other = lab(&[[1], [2], [3]]);
    other.arguments_of(1, json!({ "own": [2], "agreed": "something else" }));
    let report = other.run();
    assert!(report.failure(1).to_string().starts_with("seat 0 computes with other arguments"));
    assert!(matches!(
        report.failure(2),
        Failure::Returned(Error::PeerEnded { ending: Ending::Failed, .. })
    ));

    let report = lab(&[vec![1], vec![2, 2], vec![3]]).run();
    let text = "the \"masked\" vector of seat 0 has 1 elements instead of 2";
    assert_eq!(report.failure(1).to_string(), text);
}

#[test]
fn a_changed_message_of_another_form_is_noticed_and_a_changed_number_is_not() {
    let mut lab = lab(&[[1], [2], [3]]);
    for hop in [(0, 1), (1, 2), (2, 0), (0, 2)] {
        let (from, to) = hop;
        let report = lab.corrupt_message(from, to, 0, |body| body[0] ^= 1).run();
        let text = report.failure(to).to_string();
        assert!(text.contains("computes with other arguments"), "{hop:?}: {text}");
        let report = lab.corrupt_message(from, to, 0, |body| body.truncate(40)).run();
        assert!(matches!(report.failure(to), Failure::Returned(Error::Malformed { .. })));
    }
    // The module's documentation says so: parties follow the protocol.
    let add_one = |body: &mut Vec<u8>| {
        let sum = u64::from_le_bytes(body[33..].try_into().unwrap());
        body[33..].copy_from_slice(&sum.wrapping_add(1).to_le_bytes());
    };
    assert_eq!(lab.corrupt_message(0, 1, 0, add_one).run().common_result(), &json!([7]));
}

#[test]
fn a_message_that_never_comes_is_told_by_name() {
    let mut lab = lab(&[[1], [2], [3]]);
    let report = lab.drop_message(1, 2, 0).run();
    let lost = "no message \"masked\" can come from seat 1 any more: it is lost";
    assert_eq!(report.failure(2).to_string(), lost);
    for seat in [0, 1] {
        assert!(matches!(
            report.failure(seat),
            Failure::Returned(Error::PeerEnded { ending: Ending::Failed, .. })
        ));
    }
    let report = lab.absent(0).run();
    assert_eq!(report.failure(1).to_string(), lost.replace("seat 1", "seat 0"));
    assert!((0..3).all(|seat| lab.stored(seat).is_empty()));
}

#[test]
fn two_tasks_of_one_run_compute_the_total() {
    let vectors = [[1, 10], [2, 20], [3, 30]];
    let mut lab = lab(&vectors);
    phase(&mut lab, &vectors, "mask");
    assert_eq!(lab.run().common_result(), &json!([]));
    assert_eq!(lab.stored(0).len(), 2);
    phase(&mut lab, &vectors, "unmask");
    assert_eq!(lab.run().common_result(), &json!([6, 60]));
    assert!(lab.stored(0).is_empty());
    let again = lab.run().failure(0).to_string();
    assert!(again.starts_with("there is no mask of these arguments in this run"), "{again}");
}

#[test]
fn a_mask_is_gone_after_a_task_that_failed() {
    let vectors = [[1], [2], [3]];
    let mut lab = lab(&vectors);
    phase(&mut lab, &vectors, "mask");
    lab.run();
    phase(&mut lab, &vectors, "unmask and fail");
    assert_eq!(lab.run().failure(0).to_string(), "no");
    phase(&mut lab, &vectors, "unmask");
    assert!(lab.run().failure(0).to_string().starts_with("there is no mask"));
    assert!(lab.stored(0).is_empty());
}

#[test]
fn a_mask_serves_only_the_arguments_that_it_was_made_for() {
    let vectors = [[1], [2], [3]];
    let mut lab = lab(&vectors);
    phase(&mut lab, &vectors, "mask");
    lab.run();
    lab.arguments(json!({ "own": [0], "agreed": "something else", "phase": "unmask" }));
    assert!(lab.run().failure(0).to_string().starts_with("there is no mask"));
    phase(&mut lab, &vectors, "unmask");
    assert_eq!(lab.run().common_result(), &json!([6]));
}

#[test]
fn a_failed_first_task_leaves_nothing() {
    let vectors = [[1], [2], [3]];
    let mut lab = lab(&vectors);
    phase(&mut lab, &vectors, "mask");
    let first = lab.drop_message(2, 0, 0).run();
    assert!(lab.stored(0).is_empty());
    let second = lab.run();
    assert_ne!(first.trace()[0].body, second.trace()[0].body, "another mask");
}

#[test]
fn a_vector_takes_its_length_and_eight_bytes_an_element() {
    let bytes = encode("x", &([0_u8; 32], vec![Z2_64(1); 300])).unwrap();
    assert_eq!(bytes.len(), 32 + 2 + 8 * 300);
}
