use serde_json::{Value, json};

use crate::lab::{Lab, Rows};
use crate::{Algorithm, Description, Error, Result, Security, Task};

fn describe() -> Description {
    let security = Security::semi_honest("All.", "Nothing.");
    Description::new("storage", "1.0.0", "Stores.", security)
}

fn algorithm(run: fn(&mut Task) -> Result<Value>) -> Algorithm {
    Algorithm::new(describe, move |task: &mut Task, _: serde::de::IgnoredAny| run(task))
}

fn lab(run: fn(&mut Task) -> Result<Value>) -> Lab {
    let mut lab = Lab::new(algorithm(run));
    lab.parties(2);
    lab
}

#[test]
fn a_later_task_sees_what_an_earlier_one_stored_at_the_same_party() {
    let mut lab = lab(|task| {
        task.storage().set("a", &task.seat())?;
        assert_eq!(task.storage().get("a")?, Some(task.seat()));
        task.storage().set("gone", &0)?;
        assert!(task.storage().delete("gone")?);
        assert!(!task.storage().delete("gone")?);
        Ok(Value::Null)
    });
    lab.run().common_result();
    lab.algorithm(algorithm(|task| {
        let [a, gone] = ["a", "gone"].map(|key| task.storage().exists(key));
        assert_eq!(task.storage().get("a")?, Some(task.seat()));
        Ok(json!([a, gone]))
    }));
    assert_eq!(lab.run().common_result(), &json!([true, false]));
}

#[test]
fn a_task_that_fails_leaves_no_writes() {
    for fail in [|| Err(Error::new("no")), || panic!("no")] as [fn() -> Result<Value>; 2] {
        let mut lab = lab(|task| {
            task.storage().set_bytes("kept", b"old")?;
            task.storage().set_bytes("deleted", b"old")?;
            Ok(Value::Null)
        });
        lab.run().common_result();
        let before = lab.stored(0).clone();
        let run = move |task: &mut Task, _: serde::de::IgnoredAny| -> Result<Value> {
            task.storage().set_bytes("kept", b"new")?;
            task.storage().set_bytes("new", b"new")?;
            task.storage().delete("deleted")?;
            fail()
        };
        let report = lab.algorithm(Algorithm::new(describe, run)).run();
        assert!(report.failure(0).to_string().contains("no"));
        assert_eq!(lab.stored(0), &before);
    }
}

#[test]
fn what_was_taken_is_gone_even_if_the_task_fails() {
    let mut lab = lab(|task| {
        task.storage().set("mask", &7)?;
        Ok(Value::Null)
    });
    lab.run().common_result();
    lab.algorithm(algorithm(|task| {
        assert_eq!(task.storage().take("mask")?, Some(7));
        assert_eq!(task.storage().take::<i32>("mask")?, None);
        task.storage().set("mask", &8)?;
        Err(Error::new("no"))
    }));
    lab.run().failure(0);
    assert!(lab.stored(0).is_empty());
}

#[test]
fn a_task_takes_what_it_wrote_itself() {
    let mut lab = lab(|task| {
        task.storage().set("mask", &7)?;
        assert_eq!(task.storage().take("mask")?, Some(7));
        assert!(!task.storage().exists("mask"));
        Ok(Value::Null)
    });
    lab.run().common_result();
    assert!(lab.stored(0).is_empty());
}

#[test]
fn keys_are_listed_in_order_over_all_pages() {
    let mut lab = lab(|task| {
        for number in 0..2_345 {
            task.storage().set_bytes(&format!("n/{number:05}"), &[])?;
        }
        task.storage().set_bytes("m", &[])?;
        task.storage().set_bytes("n0", &[])?;
        let keys: Vec<_> = task.storage().keys("n/").collect();
        assert!(keys.is_sorted());
        let none = task.storage().keys("n/x").count();
        Ok(json!([keys.len(), keys.first(), keys.last(), none]))
    });
    assert_eq!(lab.run().common_result(), &json!([2345, "n/00000", "n/02344", 0]));
}

#[test]
fn datasets_can_be_read_and_not_written() {
    let mut lab = lab(|task| {
        let key = "data/patients/schema";
        assert!(task.storage().exists(key));
        let refused = [
            task.storage().set(key, &0),
            task.storage().set("data/other", &0),
            task.storage().delete(key).map(drop),
            task.storage().take_bytes(key).map(drop),
        ];
        for refused in refused {
            assert!(matches!(refused, Err(Error::ReadOnly { .. })));
        }
        let keys: Vec<_> = task.storage().keys("").collect();
        Ok(json!(keys))
    });
    let rows = Rows::new().int64("age", [1]);
    lab.dataset(0, "patients", &rows).dataset(1, "patients", &rows);
    let keys = json!(["data/patients/batch/00000000", "data/patients/schema"]);
    assert_eq!(lab.run().common_result(), &keys);
    assert!(lab.stored(0).is_empty());
}

#[test]
fn a_value_of_another_type_is_an_error_that_names_the_key() {
    let mut lab = lab(|task| {
        task.storage().set("k", &(1_u8, 2_u8))?;
        task.storage().get::<u8>("k").map(Value::from)
    });
    let text = "the stored value \"k\" is malformed: 1 bytes follow the value";
    assert_eq!(lab.run().failure(0).to_string(), text);
}
