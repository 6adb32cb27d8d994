//! Who takes part, who learns the coefficients, and which rows.

use anchorhold_sdk::lab::{Failure, Lab, Rows};
use anchorhold_sdk::{Algorithm, Description, Result, Security, Task, linked_rows};
use serde_json::json;

use crate::{SETTINGS, Study, Third, columns, study};

fn small(holders: usize) -> Study {
    study("ridge", 0.1, columns(8, 12, 4), 0.5).among(holders)
}

#[test]
fn the_receiver_alone_learns_the_coefficients() {
    for (holders, third) in SETTINGS {
        for receiver in 0..holders {
            let study = small(holders);
            let mut arguments = study.arguments();
            arguments["receiver"] = json!(format!("party-{receiver}"));
            let report = study.lab(third).arguments(arguments).run();
            study.fitted(&report, receiver, study.tolerance(third));
        }
    }
}

#[test]
fn the_outcome_may_be_any_holder_s() {
    let study = small(3);
    for (seat, third) in [(1, Third::Nobody), (2, Third::Provider)] {
        let mut lab = study.lab(third);
        let mut arguments = study.arguments();
        arguments["outcome"]["holder"] = json!(format!("party-{seat}"));
        lab.arguments(arguments);
        let mut first = 0;
        for (holder, count) in study.of_holders.iter().enumerate() {
            // The first one still has the column, of which nothing is asked.
            let mut rows = Rows::new().float64("y", study.outcome.clone());
            if holder != seat {
                rows = Rows::new().utf8("y", vec!["no"; study.outcome.len()]);
            }
            for place in first..first + count {
                rows = rows.float64(&format!("x{place}"), study.features[place].clone());
            }
            first += count;
            lab.dataset(holder, "records", &rows);
        }
        study.fitted(&lab.run(), seat, study.tolerance(third));
    }
}

#[test]
fn the_third_party_may_have_any_seat() {
    let study = small(2);
    let expected = study.lab(Third::Helper).run().result(0).clone();
    for role in ["provider", "helper"] {
        for place in 0..3 {
            let mut lab = Lab::new(secure_regression::algorithm());
            for seat in 0..3 {
                lab.party(&format!("org-{seat}"), if seat == place { role } else { "holder" });
            }
            let holders: Vec<_> = (0..3).filter(|seat| *seat != place).collect();
            let mut arguments = study.arguments();
            arguments["outcome"]["holder"] = json!(format!("org-{}", holders[0]));
            lab.arguments(arguments);
            let column = |place: usize| study.features[place].clone();
            let rows = Rows::new().float64("y", study.outcome.clone());
            lab.dataset(
                holders[0],
                "records",
                &rows.float64("x0", column(0)).float64("x1", column(1)),
            );
            let rows = Rows::new().float64("x2", column(2)).float64("x3", column(3));
            lab.dataset(holders[1], "records", &rows);
            let report = lab.run();
            assert_eq!(report.result(place), &json!({ "rows": 12 }));
            let of = |result: &serde_json::Value| result["intercept"].as_f64().unwrap();
            let difference = of(report.result(holders[0])) - of(&expected);
            assert!(difference.abs() < 1e-4, "{role} {place}: {difference:e}");
        }
    }
}

/// What a private set intersection leaves in the run's storage.
fn linking() -> Algorithm {
    fn describe() -> Description {
        let security = Security::semi_honest("Any.", "Nothing.");
        Description::new("linking", "1.0.0", "Links rows.", security)
    }
    fn link(task: &mut Task, rows: Option<Vec<u64>>) -> Result<()> {
        rows.map_or(Ok(()), |rows| linked_rows::store(task, &task.table("records")?, &rows))
    }
    Algorithm::new(describe, link)
}

/// Links rows of two holders.
fn link(lab: &mut Lab, links: [Option<Vec<u64>>; 2]) {
    let [one, two] = links;
    lab.algorithm(linking());
    lab.arguments(None::<Vec<u64>>).arguments_of(0, one).arguments_of(1, two);
    lab.run().common_result();
}

/// Holders whose rows were linked.
fn linked(study: &Study, mut lab: Lab, links: [Option<Vec<u64>>; 2]) -> Lab {
    link(&mut lab, links);
    let mut arguments = study.arguments();
    arguments["rows"] = json!("linked");
    lab.algorithm(secure_regression::algorithm()).arguments(arguments);
    lab
}

#[test]
fn rows_that_were_linked_are_those_that_take_part() {
    for third in [Third::Helper, Third::Provider] {
        let mut study = small(2);
        let rows = study.outcome.len() as u64;
        let mut lab = study.lab(third);
        // The first holder has one more row before, and the second all backwards and one more behind.
        let more = |values: &Vec<f64>| [&[0.0], &values[..]].concat();
        let first = Rows::new().float64("y", more(&study.outcome));
        let first = first.float64("x0", more(&study.features[0]));
        lab.dataset(0, "records", &first.float64("x1", more(&study.features[1])));
        let backwards =
            |values: &Vec<f64>| values.iter().rev().copied().chain([0.0]).collect::<Vec<_>>();
        let second = Rows::new().float64("x2", backwards(&study.features[2]));
        lab.dataset(1, "records", &second.float64("x3", backwards(&study.features[3])));
        let links = [Some((1..=rows).collect()), Some((0..rows).rev().collect())];
        let mut lab = linked(&study, lab, links);
        study.fitted(&lab.run(), 0, study.tolerance(third));
        // What is not linked is not looked at.
        study.bounds[3] = [-9.0, 9.0];
        let nulls = study.features[2].iter().rev().map(|value| Some(*value)).chain([None]);
        let second = Rows::new().float64("x2", nulls.collect::<Vec<_>>());
        lab.dataset(1, "records", &second.float64("x3", backwards(&study.features[3])));
        study.fitted(&lab.run(), 0, study.tolerance(third));
    }
}

#[test]
fn rows_that_cannot_be_linked_are_told_to_all() {
    let study = small(2);
    let all: Vec<u64> = (0..12).collect();
    let dataset = "the dataset \"records\"";
    let bad = [
        (
            None,
            "no rows were linked in this run before: that is what a private set intersection does"
                .to_owned(),
        ),
        (Some(vec![]), format!("no rows of {dataset} are linked")),
        (Some((1..13).collect()), format!("a linked row is not among the 12 rows of {dataset}")),
        (Some(vec![u64::MAX; 12]), format!("a linked row is not among the 12 rows of {dataset}")),
        (
            Some(vec![0, 1, 2, 3]),
            format!("{dataset} has fewer rows than there are coefficients, 5"),
        ),
    ];
    for third in [Third::Helper, Third::Provider] {
        for (links, why) in &bad {
            let report = linked(&study, study.lab(third), [Some(all.clone()), links.clone()]).run();
            assert_eq!(report.refusal(), format!("party-1 does not take part: {why}"));
            assert!(report.trace().iter().all(|sent| sent.task == 1));
        }
    }
}

#[test]
fn rows_of_another_match_or_table_are_refused() {
    let study = small(2);
    let all: Vec<u64> = (0..12).collect();
    let said = |lab: &mut Lab| {
        let report = lab.run();
        let errors = (0..3).map(|seat| match report.failure(seat) {
            Failure::Returned(error) => error.sentence(),
            other => panic!("{other}"),
        });
        let errors: Vec<_> = errors.collect();
        assert!(errors.iter().all(|error| *error == errors[0]), "{errors:?}");
        errors[0].clone()
    };
    // The second has matched its rows with somebody else since.
    let mut lab = study.lab(Third::Helper);
    link(&mut lab, [Some(all.clone()), Some(all.clone())]);
    let mut lab = linked(&study, lab, [None, Some(all.iter().rev().copied().collect())]);
    assert_eq!(
        said(&mut lab),
        "the rows of party-1 were linked by another task than those of party-0: both must have linked them \
         with one another, and with nobody else since"
    );
    // The second has another row now.
    let mut lab = linked(&study, study.lab(Third::Helper), [Some(all.clone()), Some(all)]);
    let more = |values: &Vec<f64>| [&values[..], &[0.0]].concat();
    let second = Rows::new().float64("x2", more(&study.features[2]));
    lab.dataset(1, "records", &second.float64("x3", more(&study.features[3])));
    assert_eq!(
        said(&mut lab),
        "party-1 does not take part: rows were linked of the dataset \"records\" when it had 12 rows, and \
         not of \"records\" with 13"
    );
}

#[test]
fn fewer_rows_than_are_required_are_refused() {
    for (minimum, is_enough) in [(12, true), (13, false)] {
        let study = small(2);
        let mut arguments = study.arguments();
        arguments["minimum_rows"] = json!(minimum);
        let report = study.lab(Third::Helper).arguments(arguments).run();
        if is_enough {
            study.fitted(&report, 0, study.tolerance(Third::Helper));
            continue;
        }
        let error = report.error(2);
        let expected =
            "fewer rows of the dataset \"records\" take part than \"minimum_rows\" requires, 13";
        assert!(error.ends_with(expected), "{error}");
    }
}
