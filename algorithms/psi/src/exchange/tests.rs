use anchorhold_sdk::lab::{Lab, Report};
use anchorhold_sdk::{Algorithm, Description, Security, shuffle};

use super::*;
use crate::group::tests::rng;
use crate::token::truncated;

#[test]
fn batches_have_all_elements() {
    let sizes = |elements| Batches::of(elements).sizes().collect::<Vec<_>>();
    assert_eq!(sizes(0), [0; 0]);
    assert_eq!(sizes(1), [1]);
    assert_eq!(sizes(BATCH), [BATCH]);
    assert_eq!(sizes(2 * BATCH + 1), [BATCH, BATCH, 1]);
}

#[test]
fn pieces_stay_whole_and_come_into_the_order_of_a_shuffle() {
    for piece in [1, 2, 32] {
        let mut order: Vec<u8> = (0..100).collect();
        let mut pieces: Vec<u8> = order.iter().flat_map(|number| vec![*number; piece]).collect();
        permute(&mut pieces, piece, &mut rng());
        shuffle(&mut order, &mut rng());
        assert!(!order.is_sorted());
        assert!(pieces.chunks(piece).eq(order.iter().map(|number| vec![*number; piece])));
    }
}

/// A kind in which nothing is hidden, and tokens are the beginnings of elements.
struct Plain;

impl Asking for Plain {
    fn element_bytes(&self) -> usize {
        32
    }

    fn ask(&mut self, elements: &[Digest], _: &mut ChaCha20Rng) -> Result<Vec<u8>, Wrong> {
        Ok(elements.concat())
    }

    fn open(&mut self, _: &[Digest], reply: &[u8]) -> Result<Vec<Token>, Wrong> {
        Ok(reply.as_chunks::<32>().0.iter().map(|element| truncated(element)).collect())
    }
}

impl Answering for Plain {
    fn public_key(&self) -> Vec<u8> {
        Vec::new()
    }

    fn element_bytes(&self) -> usize {
        32
    }

    fn tokens(&self, elements: &[Digest]) -> Vec<Token> {
        elements.iter().map(|element| truncated(element)).collect()
    }

    fn answer(&mut self, asked: &[u8], _: &mut ChaCha20Rng) -> Result<Vec<u8>, Wrong> {
        Ok(asked.to_vec())
    }
}

fn describe() -> Description {
    Description::new("plain", "1.0.0", "Compares.", Security::semi_honest("None.", "Everything."))
}

/// The numbers from one to another as elements, in ascending order.
fn elements(from: u32, to: u32) -> Vec<Digest> {
    let element = |number: u32| {
        let mut digest = [0; 32];
        digest[..4].copy_from_slice(&number.to_be_bytes());
        digest
    };
    (from..to).map(element).collect()
}

/// Compares 6,000 to 11,000 with 3,000 to 9,000, and returns what was found and what was sent.
fn compared(permuted: bool) -> Report {
    let run = move |task: &mut Task, _: serde::de::IgnoredAny| {
        let (ours, theirs) = (elements(6_000, 11_000), elements(3_000, 9_000));
        if task.seat() == Seat::FIRST {
            let mut extras = Vec::new();
            let found = |extra: &[u8; 4]| {
                extras.push(u32::from_be_bytes(*extra));
                Ok(())
            };
            let common = ask(task, Seat::new(1), &mut Plain, &ours, theirs.len(), found)?;
            let common = common.iter().map(|common| (common.place, common.element));
            return Ok((common.collect::<Vec<_>>(), extras));
        }
        let extra = |elements: &[u32], _: &mut _| {
            elements.iter().map(|element| element.to_be_bytes()).collect()
        };
        answer(task, Seat::FIRST, &mut Plain, &theirs, ours.len(), permuted, extra)?;
        Ok((Vec::new(), Vec::new()))
    };
    Lab::new(Algorithm::new(describe, run)).parties(2).run()
}

fn sent(report: &Report, topic: &str) -> Vec<Digest> {
    let sent = report.trace().iter().filter(|sent| sent.topic == topic);
    sent.flat_map(|sent| sent.body.as_chunks().0.to_vec()).collect()
}

#[test]
fn what_both_have_is_found_with_what_the_pod_says_of_it() {
    let report = compared(false);
    // Over two batches of the pod's.
    let expected: Vec<_> = (0..3_000).map(|element| (element + 3_000, element)).collect();
    let extras: Vec<_> = (3_000..6_000).collect();
    assert_eq!(report.result(0), &serde_json::json!([expected, extras]));
    assert_eq!(sent(&report, "replies"), sent(&report, "asked"));
}

#[test]
fn permuted_replies_are_the_same_in_another_order_over_all_batches() {
    let report = compared(true);
    let (mut replies, asked) = (sent(&report, "replies"), sent(&report, "asked"));
    let stayed = replies.iter().zip(&asked).filter(|(reply, asked)| reply == asked).count();
    assert!(stayed < 20, "{stayed}");
    let moved = replies[..BATCH].iter().filter(|reply| **reply > asked[BATCH - 1]).count();
    assert!(moved > 100, "{moved} came from the last batch to the first");
    replies.sort_unstable();
    assert_eq!(replies, asked);
    assert_eq!(report.result(0)[1].as_array().unwrap().len(), 3_000);
}
