//! Parties that leave, and one that sends something else.

use super::*;
use anchorhold_sdk::lab::Failure;

fn small(third: &str) -> Lab {
    let model = Model(vec![vec![vec![1.0, -2.0]; 3], vec![vec![0.5, 3.0]; 3]]);
    let records = vec![vec![1.0, 2.0], vec![-1.0, 0.5]];
    lab(third, &model, &records, &arguments(&[2, 2, 2], "class"))
}

#[test]
fn a_party_that_leaves_ends_it_with_an_error_that_names_it() {
    for third in THIRD {
        for absent in 0..3 {
            let report = small(third).absent(absent).run();
            for seat in (0..3).filter(|seat| *seat != absent) {
                let error = report.error(seat);
                let named = error.contains(&format!("seat {absent}"));
                assert!(named, "{third}: {error}");
            }
        }
    }
}

#[test]
fn only_the_owner_says_how_many_records_there_are() {
    for third in THIRD {
        // The model's owner says that there is one, or that there are many.
        for (number, postcard) in [(1_u64, vec![1_u8]), (1_000_000, vec![0xc0, 0x84, 0x3d])] {
            let mut lab = small(third);
            for to in [1, 2] {
                let number = postcard.clone();
                lab.corrupt_message(0, to, 0, move |body| {
                    // Its own number is the last thing in it: none.
                    assert_eq!(body.pop(), Some(0));
                    body.push(1);
                    body.extend(&number);
                });
            }
            let result = lab.run().result(1).clone();
            assert_eq!(result["records"], json!(2), "{number}");
        }
    }
}

#[test]
fn with_a_provider_no_changed_message_leads_to_another_prediction() {
    let honest = small("provider").run();
    let expected = honest.result(1)["predictions"].clone();
    let sent = honest.trace().iter().filter(|sent| (sent.from, sent.to) == (0, 1));
    for (index, topic) in sent.map(|sent| sent.topic.clone()).enumerate() {
        // Other weights are the model's owner's to give.
        if topic == "share" {
            continue;
        }
        let mut changed = small("provider");
        let report = changed.corrupt_message(0, 1, index, |body| body[0] ^= 1).run();
        match &report.outcomes()[1] {
            Ok(result) => assert_eq!(result["predictions"], expected, "{index} {topic}"),
            Err(Failure::Panicked(message)) => panic!("{message}"),
            Err(_) => {}
        }
    }
}
