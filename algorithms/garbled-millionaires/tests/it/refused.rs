//! Input that is refused at both parties, before anything else leaves.

use anchorhold_sdk::lab::{Failure, Lab, Report, Rows};

use crate::{arguments, lab};

fn said(report: &Report, expected: &str) {
    for seat in 0..report.outcomes().len() {
        match report.failure(seat) {
            Failure::Returned(error) => assert_eq!(error.sentence(), expected, "seat {seat}"),
            other => panic!("{other}"),
        }
    }
    assert!(report.trace().iter().all(|sent| sent.topic == "agree"), "nothing else left");
}

fn bounded(values: [i64; 2]) -> Lab {
    let mut lab = lab(values);
    lab.arguments(arguments(-100, 100, 0));
    lab
}

#[test]
fn a_value_out_of_its_bounds_is_told_to_both_and_not_named() {
    let what = "does not take part: the column \"worth\" of the dataset \"value\": a value is \
                outside the declared bounds -100 to 100";
    said(&bounded([1, 101]).run(), &format!("party-1 {what}"));
    said(&bounded([-101, 1]).run(), &format!("party-0 {what}"));
    said(&bounded([101, 101]).run(), &format!("party-0 {what}"));
}

#[test]
fn a_dataset_has_one_row_and_a_value_in_it() {
    let what = "party-0 does not take part: the column \"worth\" of the dataset \"value\":";
    for rows in [vec![], vec![1, 2]] {
        let mut lab = bounded([1, 2]);
        lab.dataset(0, "value", &Rows::new().int64("worth", rows));
        said(&lab.run(), &format!("{what} it must have exactly one row"));
    }
    let mut lab = bounded([1, 2]);
    lab.dataset(0, "value", &Rows::new().int64("worth", [None::<i64>]));
    said(&lab.run(), &format!("{what} its value is null"));
}

#[test]
fn both_have_the_same_arguments() {
    let mut lab = bounded([1, 2]);
    lab.arguments_of(1, arguments(-100, 101, 0));
    said(&lab.run(), "party-1 was given other arguments than party-0");
}

#[test]
fn bounds_that_the_circuit_cannot_compare_are_refused() {
    let mut lab = lab([1, 2]);
    lab.arguments(arguments(0, i64::MAX, 1));
    said(
        &lab.run(),
        "party-0 does not take part: a sum of 1 numbers of 0 to 9223372036854775807 with 1 \
         decimals can reach 2^63: declare narrower bounds, fewer decimals or fewer rows",
    );
}

#[test]
fn there_are_two_parties() {
    for (parties, why) in [(1, "not 1"), (3, "not 3")] {
        let mut lab = Lab::new(garbled_millionaires::algorithm());
        lab.parties(parties).arguments(arguments(0, 1, 0));
        let sentence = "party-0 does not take part: a garbled circuit takes two parties";
        said(&lab.run(), &format!("{sentence}, {why}"));
    }
}
