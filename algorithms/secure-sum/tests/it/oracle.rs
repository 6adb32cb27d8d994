//! The same counts and sums, computed in the clear by other means: `f64` and `i128` over one list
//! of rows, without filters, batches, rings or fixed point of the algorithm's own.

use std::collections::BTreeMap;

use anchorhold_sdk::lab::{Lab, Report, Rows};
use anchorhold_sdk::{Column, ColumnType};
use serde_json::Value;

/// The clinical data of 227 patients with lung cancer, by institution.
pub const LUNG: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/lung.csv"));

/// A patient: the fields by their names, none where the cell is empty.
pub type Patient = BTreeMap<String, Option<f64>>;

/// Reads the patients of a CSV text.
pub fn patients(text: &str) -> Vec<Patient> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let records = reader.deserialize::<BTreeMap<String, Option<f64>>>();
    records.map(|record| record.expect("the data are numbers")).collect()
}

/// Splits the lung data among parties by institution, each institution at one party.
pub fn lung_of(parties: usize) -> Vec<String> {
    let mut lines = LUNG.lines();
    let header = lines.next().expect("there is a header");
    let mut texts = vec![format!("{header}\n"); parties];
    for line in lines {
        let institution: usize =
            line.split(',').next().expect("a field").parse().expect("a number");
        texts[institution % parties].push_str(&format!("{line}\n"));
    }
    texts
}

/// The columns of the lung data.
pub fn lung_columns() -> Vec<Column> {
    let whole = ["inst", "time", "status", "age", "sex"].map(|name| (name, ColumnType::Int64));
    let real = ["ph_ecog", "ph_karno", "pat_karno", "meal_cal", "wt_loss"];
    let columns = whole.into_iter().chain(real.map(|name| (name, ColumnType::Float64)));
    columns.map(|(name, column_type)| Column::new(name, column_type).nullable()).collect()
}

/// Runs the algorithm over the lung data split among parties.
pub fn run_on_lung(parties: usize, arguments: &Value) -> Report {
    let mut lab = Lab::new(secure_sum::algorithm());
    lab.parties(parties).arguments(arguments);
    for (seat, text) in lung_of(parties).iter().enumerate() {
        let rows = Rows::from_csv(text, &lung_columns()).expect("the data have these columns");
        lab.dataset(seat, "patients", &rows);
    }
    lab.run()
}

/// A lab in which each party has a column `x` with these values.
pub fn lab_of<T: Into<Option<i64>> + Copy>(columns: &[&[T]]) -> Lab {
    let mut lab = Lab::new(secure_sum::algorithm());
    lab.parties(columns.len());
    for (seat, values) in columns.iter().enumerate() {
        lab.dataset(seat, "patients", &Rows::new().int64("x", values.iter().copied()));
    }
    lab
}
