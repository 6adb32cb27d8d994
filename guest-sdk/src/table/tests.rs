use serde_json::{Value, json};

use super::TableError;
use crate::lab::{Lab, Rows, RowsError};
use crate::{Algorithm, Column, ColumnType, Description, Error, Number, Result, Security, Task};

fn describe() -> Description {
    let security = Security::semi_honest("All.", "Nothing.");
    Description::new("tables", "1.0.0", "Reads tables.", security)
}

type Run = fn(&mut Task) -> Result<Value>;

/// Runs a function of a task that was granted these rows as `patients`.
fn with_rows(rows: &Rows, run: Run) -> Result<Value, String> {
    let run = move |task: &mut Task, _: serde::de::IgnoredAny| run(task);
    let mut lab = Lab::new(Algorithm::new(describe, run));
    let report = lab.parties(1).dataset(0, "patients", rows).run();
    match &report.outcomes()[0] {
        Ok(result) => Ok(result.clone()),
        Err(failure) => Err(failure.to_string()),
    }
}

fn patients() -> Rows {
    Rows::new()
        .int64("age", [Some(61), None, Some(i64::MIN)])
        .float64("weight", [Some(70.5), Some(-0.0), None])
        .utf8("city", [Some("Köln"), None, Some("")])
        .boolean("smoker", [Some(true), Some(false), None])
}

#[test]
fn every_type_is_read_with_its_nulls() {
    let read = with_rows(&patients(), |task| {
        let table = task.table("patients")?;
        assert_eq!(table.rows(), 3);
        let ages: Vec<_> = table.int64("age")?.iter().collect();
        let weights: Vec<_> = table.float64("weight")?.iter().collect();
        let cities = table.utf8("city")?;
        let cities: Vec<_> = cities.iter().collect();
        let smokers: Vec<_> = table.boolean("smoker")?.iter().collect();
        Ok(json!([ages, weights, cities, smokers]))
    });
    let expected =
        json!([[61, null, i64::MIN], [70.5, -0.0, null], ["Köln", null, ""], [true, false, null]]);
    assert_eq!(read, Ok(expected));
}

#[test]
fn the_schema_says_which_columns_there_are() {
    let columns =
        [Column::new("b", ColumnType::Utf8).nullable(), Column::new("a", ColumnType::Boolean)];
    let rows = Rows::from_csv("a,c,b\ntrue,9,x\nfalse,,\n", &columns).unwrap();
    let read = with_rows(&rows, |task| {
        let table = task.table("patients")?;
        let columns = table.columns().iter();
        Ok(columns.map(|c| json!([c.name, format!("{:?}", c.column_type), c.nullable])).collect())
    });
    assert_eq!(read, Ok(json!([["b", "Utf8", true], ["a", "Boolean", false]])));
}

#[test]
fn a_large_table_comes_in_batches_and_whole() {
    let values = (0..10_000).map(|row| (row % 7 != 0).then_some(row));
    let read = with_rows(&Rows::new().int64("x", values), |task| {
        let table = task.table("patients")?;
        let (mut lengths, mut sum) = (Vec::new(), 0);
        for batch in table.batches() {
            let batch = batch?;
            lengths.push(batch.rows());
            sum += batch.int64("x")?.iter().flatten().sum::<i64>();
        }
        let whole = table.int64("x")?;
        assert_eq!(whole.iter().flatten().sum::<i64>(), sum);
        Ok(json!([lengths, sum, whole.len(), whole.null_count()]))
    });
    let sum: i64 = (0..10_000).filter(|row| row % 7 != 0).sum();
    assert_eq!(read, Ok(json!([[4096, 4096, 1808], sum, 10_000, 1_429])));
}

#[test]
fn a_table_without_rows_has_columns_all_the_same() {
    let read = with_rows(&Rows::new().int64("x", [0_i64; 0]), |task| {
        let table = task.table("patients")?;
        let column = table.int64("x")?;
        assert!(column.is_empty());
        assert_eq!(column.without_nulls()?.count(), 0);
        Ok(json!([table.rows(), table.batches().count()]))
    });
    assert_eq!(read, Ok(json!([0, 0])));
}

#[test]
fn errors_name_dataset_and_column_and_no_value() {
    let errors: [(Run, &str); 6] = [
        (
            |task| {
                let table = task.table("patients")?;
                table.check_rows(table.rows())?;
                table.check_rows(table.rows() - 1)?;
                Ok(Value::Null)
            },
            "the dataset \"patients\" has more rows than \"max_rows\" allows, 2",
        ),
        (
            |task| Ok(task.table("visits")?.rows().into()),
            "the dataset \"visits\" was not granted, but [\"patients\"]",
        ),
        (
            |task| Ok(task.table("patients")?.int64("height")?.len().into()),
            "the dataset \"patients\" has no column \"height\", but \
             [\"age\", \"city\", \"smoker\", \"weight\"]",
        ),
        (
            |task| Ok(task.table("patients")?.int64("city")?.len().into()),
            "the column \"city\" of the dataset \"patients\" is of type utf8, not int64",
        ),
        (
            |task| {
                let batch = task.table("patients")?.batches().next().expect("there are rows")?;
                Ok(batch.boolean("age")?.len().into())
            },
            "the column \"age\" of the dataset \"patients\" is of type int64, not boolean",
        ),
        (
            |task| Ok(task.table("patients")?.int64("age")?.without_nulls()?.count().into()),
            "the column \"age\" of the dataset \"patients\" has a null in row 1",
        ),
    ];
    for (run, text) in errors {
        assert_eq!(with_rows(&patients(), run), Err(text.to_owned()));
    }
}

#[test]
fn a_null_is_found_in_the_batch_where_it_is() {
    let values = (0..5_000).map(|row| (row != 4_500).then_some(row));
    let read = with_rows(&Rows::new().int64("x", values), |task| {
        let batches: Vec<_> = task.table("patients")?.batches().collect::<Result<_, _>>()?;
        assert_eq!(batches[0].int64("x")?.without_nulls()?.count(), 4_096);
        let second = batches[1].int64("x")?;
        let row = match second.without_nulls().err() {
            Some(TableError::Null { row, .. }) => row,
            _ => 0,
        };
        Ok(row.into())
    });
    assert_eq!(read, Ok(json!(4_500)));
}

#[test]
fn numbers_are_whole_or_real() {
    let read = with_rows(&patients(), |task| {
        let batch = task.table("patients")?.batches().next().expect("there are rows")?;
        let ages: Vec<_> = batch.numbers("age")?.iter().collect();
        assert_eq!(ages[..2], [Some(Number::Whole(61)), None]);
        let weights: Vec<_> = batch.numbers("weight")?.iter().collect();
        assert_eq!(weights[0], Some(Number::Real(70.5)));
        let text = batch.numbers("city").expect_err("a city is no number");
        Err(Error::from(text))
    });
    let text = "the column \"city\" of the dataset \"patients\" is not of numbers: it is of type utf8, as \
                a column is in which not all values are numbers; the type can be declared";
    assert_eq!(read, Err(text.to_owned()));
}

#[test]
fn a_csv_text_must_be_what_its_columns_say() {
    let whole = [Column::new("x", ColumnType::Int64)];
    let faults = [("y\n1\n", "there is no column \"x\""), ("x\n1\n1.5\n", "\"1.5\" in row 1")];
    for (text, fault) in faults {
        let error = Rows::from_csv(text, &whole).unwrap_err();
        assert!(error.to_string().starts_with(fault), "{error}");
    }
    let error = Rows::from_csv("x,y\n,2\n", &whole).unwrap_err();
    assert!(matches!(error, RowsError::Cell { row: 0, .. }), "{error}");
    let error = Rows::from_csv("x,y\n1\n", &whole).unwrap_err();
    assert!(matches!(error, RowsError::Csv(_)), "{error}");
}

#[test]
fn what_a_host_must_not_offer_is_an_error() {
    let read = |key: &str, change: fn(&mut Vec<u8>)| {
        let run = |task: &mut Task, _: serde::de::IgnoredAny| {
            let table = task.table("patients")?;
            table.batches().map(|batch| Ok(batch?.rows())).sum::<Result<usize>>()
        };
        let mut lab = Lab::new(Algorithm::new(describe, run));
        lab.parties(1).dataset(0, "patients", &Rows::new().int64("x", 0..5_000));
        let report = lab.change_dataset("patients", key, change).run();
        report.failure(0).to_string()
    };
    let schema = read("data/patients/schema", Vec::clear);
    assert_eq!(
        schema,
        "the host's \"data/patients/schema\" is malformed: Parser error: it is empty"
    );
    let second = "data/patients/batch/00000001";
    let fewer = |bytes: &mut Vec<u8>| {
        let keys = Rows::new().int64("x", [1]).to_keys("other");
        *bytes = keys["data/other/batch/00000000"].clone();
    };
    let text = read(second, fewer);
    assert_eq!(text, "the host's \"data/patients/batch/00000002\" is malformed: it is not there");
    let text = read(second, |bytes| bytes.truncate(100));
    assert!(text.starts_with(&format!("the host's {second:?} is malformed")), "{text}");
    let longer = |bytes: &mut Vec<u8>| {
        let keys = Rows::new().int64("x", 0..1_000).to_keys("other");
        *bytes = keys["data/other/batch/00000000"].clone();
    };
    assert!(read(second, longer).ends_with("its number of rows is not that of the schema"));
    let other = |bytes: &mut Vec<u8>| {
        let keys = Rows::new().utf8("x", ["1"]).to_keys("other");
        *bytes = keys["data/other/batch/00000000"].clone();
    };
    assert!(read(second, other).ends_with("its columns are not those of the schema"));
}
