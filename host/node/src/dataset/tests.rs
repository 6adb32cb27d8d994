use std::fs;
use std::io::Cursor;

use anchorhold_model::limits::BATCH_ROWS;
use arrow_array::cast::AsArray as _;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array as _, RecordBatch};
use arrow_ipc::reader::StreamReader;
use arrow_schema::SchemaRef;
use tempfile::TempDir;

use super::*;

mod change;
mod file;
mod refusal;
mod round_trip;

/// A folder with a file in it.
struct Table {
    folder: TempDir,
}

impl Table {
    fn new(content: impl AsRef<[u8]>) -> Self {
        let table = Self { folder: tempfile::tempdir().expect("a folder can be made") };
        table.write(content);
        table
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("table.csv")
    }

    fn write(&self, content: impl AsRef<[u8]>) {
        fs::write(self.path(), content).expect("the file can be written");
    }

    fn open(&self, declared: &str) -> Result<Arc<Dataset>, DatasetError> {
        let columns = match declared {
            "" => Vec::new(),
            text => parse_columns(text).expect("the test declares columns"),
        };
        Dataset::open("table", &self.path(), &columns, &NULL_TEXTS).map(Arc::new)
    }

    fn good(content: impl AsRef<[u8]>) -> Arc<Dataset> {
        Self::new(content).open("").expect("the file is good")
    }
}

/// The columns as people see them, with the number of nulls.
fn summary(dataset: &Dataset) -> String {
    let columns = dataset.columns().iter().map(|c| format!("{} {}", c.column, c.nulls));
    columns.collect::<Vec<_>>().join(", ")
}

fn decode(stream: Vec<u8>) -> (SchemaRef, Vec<RecordBatch>) {
    let reader = StreamReader::try_new(Cursor::new(stream), None).expect("it is a stream");
    (reader.schema(), reader.map(|batch| batch.expect("the batch is good")).collect())
}

/// Reads all batches of a grant as a guest does.
fn batches(grant: &Grant) -> Vec<RecordBatch> {
    let get = |key: String| grant.get(&key).expect("the file is as before").expect("it is a key");
    let (schema, none) = decode(get(format!("data/{}/schema", grant.dataset().name())));
    assert!(none.is_empty());
    assert_eq!(schema.metadata()["rows"], grant.dataset().rows().to_string());
    let keys = grant.keys().filter(|key| key.contains("/batch/"));
    keys.map(|key| {
        let (of_batch, mut batches) = decode(get(key));
        assert_eq!((of_batch, batches.len()), (Arc::clone(&schema), 1));
        batches.remove(0)
    })
    .collect()
}

#[test]
fn the_lung_table_is_read() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/lung.csv");
    let dataset = Dataset::open("lung", &path, &[], &NULL_TEXTS).expect("the table is good");
    assert_eq!(dataset.rows(), 227);
    assert_eq!(
        summary(&dataset),
        "inst:int64 0, time:int64 0, status:int64 0, age:int64 0, sex:int64 0, \
         ph_ecog:float64? 1, ph_karno:float64? 1, pat_karno:float64? 3, meal_cal:float64? 47, \
         wt_loss:float64? 14"
    );
    let grant = Arc::new(dataset).grant(Some(&["wt_loss".into(), "time".into()]));
    let batches = batches(&grant.expect("the columns are there"));
    assert_eq!((batches.len(), batches[0].num_columns()), (1, 2));
    let wt_loss = batches[0].column(0).as_primitive::<Float64Type>();
    assert_eq!((wt_loss.null_count(), wt_loss.is_null(0), wt_loss.value(1)), (14, true, 15.0));
    assert_eq!(batches[0].column(1).as_primitive::<Int64Type>().value(0), 306);
}

#[test]
fn types_come_from_all_rows() {
    let rows = "1,1,1,true,x\n".repeat(3 * BATCH_ROWS);
    let dataset = Table::good(format!("a,b,c,d,e\n{rows}1,1.5,NA,FALSE,1\n"));
    assert_eq!(summary(&dataset), "a:int64 0, b:float64 0, c:int64? 1, d:boolean 0, e:utf8 0");
}

#[test]
fn declared_types_are_kept() {
    let table = Table::new("id,x,y\n007,1,\n8,+2,\n");
    let summary_of = |declared| summary(&table.open(declared).expect("the types fit"));
    assert_eq!(summary_of(""), "id:utf8 0, x:utf8 0, y:utf8? 2");
    assert_eq!(
        summary_of("y:float64?,id:int64,x:float64?"),
        "id:int64 0, x:float64? 0, y:float64? 2"
    );
}

#[test]
fn the_operator_says_what_is_null() {
    let table = Table::new("a,b\n-,NA\n1,\n");
    let open = |nulls: &[&str]| Dataset::open("t", &table.path(), &[], nulls);
    let summary_of = |nulls: &[&str]| summary(&open(nulls).expect("the file is good"));
    assert_eq!(summary_of(&NULL_TEXTS), "a:utf8 0, b:utf8? 2");
    assert_eq!(summary_of(&["-"]), "a:int64? 1, b:utf8 0");
}

#[test]
fn a_header_alone_is_a_table_without_rows() {
    for text in ["a,b", "a,b\r\n", "\u{feff} a , b \n\n\n"] {
        let dataset = Table::good(text);
        assert_eq!((dataset.rows(), summary(&dataset).as_str()), (0, "a:utf8 0, b:utf8 0"));
        let grant = dataset.grant(None).expect("all columns are granted");
        assert_eq!(grant.keys().collect::<Vec<_>>(), ["data/table/schema"]);
        assert_eq!(batches(&grant), []);
    }
}

#[test]
fn one_column_may_have_empty_lines_at_its_end_alone() {
    for text in ["a\n1\n2\n\n\n", "a\r\n1\r\n2\r\n\r\n", "a\n1\n2", "a\r\n\"\"\r\n2\r\n"] {
        assert_eq!(Table::good(text).rows(), 2, "{text:?}");
    }
    // Of two columns an empty line is no row.
    assert_eq!(Table::good("a,b\n1,2\n\n3,4\n").rows(), 2);
}

#[test]
fn keys_are_those_of_the_contract() {
    let dataset = Table::new(format!("a\n{}", "1\n".repeat(BATCH_ROWS + 1)));
    let grant = dataset.open("").expect("it is good").grant(None).expect("all are granted");
    let keys: Vec<String> = grant.keys().collect();
    let expected = ["data/table/batch/00000000", "data/table/batch/00000001", "data/table/schema"];
    assert_eq!(keys, expected);
    assert!(keys.is_sorted() && keys.iter().all(|key| grant.contains(key)));
    for key in [
        "data/table/batch/00000002",
        "data/table/batch/1",
        "data/table/batch/+0000001",
        "data/table/batch/000000001",
        "data/table/batch/",
        "data/table",
        "data/tablet/schema",
        "data/table/schema/",
        "table/schema",
        "",
    ] {
        assert!(!grant.contains(key), "{key}");
        assert!(grant.get(key).expect("no file is needed").is_none(), "{key}");
    }
}

#[test]
fn a_grant_of_no_columns_has_the_number_of_rows_alone() {
    let table = Table::new(format!("a,b\n{}", "1,2\n".repeat(BATCH_ROWS + 1)));
    let grant = table.open("").unwrap().grant(Some(&[])).unwrap();
    let (schema, _) = decode(grant.get("data/table/schema").unwrap().unwrap());
    assert_eq!((schema.fields().len(), schema.metadata()["rows"].as_str()), (0, "4097"));
    for (key, rows) in [("data/table/batch/00000000", BATCH_ROWS), ("data/table/batch/00000001", 1)]
    {
        let (_, batches) = decode(grant.get(key).unwrap().unwrap());
        assert_eq!((batches[0].num_rows(), batches[0].num_columns()), (rows, 0));
    }
}

#[test]
fn a_grant_has_the_chosen_columns_in_their_order() {
    let dataset = Table::good("a,b,c\n1,x,2.5\n");
    let names = |columns: &[&str]| columns.iter().map(|name| name.to_string()).collect::<Vec<_>>();
    let grant = dataset.grant(Some(&names(&["c", "a"]))).expect("the columns are there");
    assert_eq!(grant.columns().map(|c| c.column.name.as_str()).collect::<Vec<_>>(), ["c", "a"]);
    let refusal =
        |columns: &[&str]| dataset.grant(Some(&names(columns))).expect_err("it is refused");
    assert!(
        refusal(&["a", "d"]).to_string().ends_with("no column \"d\": it has \"a\", \"b\", \"c\"")
    );
    assert_eq!(refusal(&["a", "a"]).to_string(), "column \"a\" is named twice");
}

#[test]
fn a_wide_table_has_smaller_batches() {
    const WIDE: usize = 5_000;
    let row = |cell: &str| vec![cell; WIDE].join(",");
    let names: Vec<String> = (0..WIDE).map(|index| format!("c{index}")).collect();
    let rows = format!("{}\n", row("1")).repeat(1_000);
    let table = Table::new(format!("{}\n{rows}", names.join(",")));
    let grant = table.open("").expect("it is good").grant(None).expect("all are granted");
    let sizes = grant.keys().map(|key| grant.get(&key).expect("as before").expect("a key").len());
    assert!(sizes.max().expect("there are keys") < 64 << 20);
    let rows: Vec<usize> = batches(&grant).iter().map(RecordBatch::num_rows).collect();
    assert_eq!((rows.len(), rows.iter().sum::<usize>()), (2, 1_000));
}

/// Collects what a column of text has, nulls as none.
fn texts(batches: &[RecordBatch], column: usize) -> Vec<Option<String>> {
    let column = batches.iter().map(|batch| batch.column(column).as_string::<i32>());
    column.flat_map(|column| column.iter().map(|text| text.map(str::to_owned))).collect()
}
