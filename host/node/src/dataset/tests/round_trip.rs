//! What is read equals what another CSV writer wrote.

use anchorhold_model::ColumnType;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::*;

/// A value as it was written.
#[derive(Debug, Clone, PartialEq)]
enum Cell {
    Int64(i64),
    Float64(f64),
    Utf8(String),
    Boolean(bool),
}

impl Cell {
    fn text(&self) -> String {
        match self {
            Self::Int64(number) => number.to_string(),
            Self::Float64(number) => format!("{number:?}"),
            Self::Utf8(text) => text.clone(),
            Self::Boolean(truth) => truth.to_string(),
        }
    }
}

type Cells = Vec<Vec<Option<Cell>>>;

fn cell(column_type: ColumnType) -> BoxedStrategy<Option<Cell>> {
    let text =
        prop_oneof!["\\PC*", "[a,\"\r\n\t é\u{feff}]{0,6}", "[0-9.eE+-]{1,5}", "true|NA|nan"];
    let float = prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO;
    let value = match column_type {
        ColumnType::Int64 => any::<i64>().prop_map(Cell::Int64).boxed(),
        ColumnType::Float64 => float.prop_map(Cell::Float64).boxed(),
        ColumnType::Utf8 => text.prop_map(Cell::Utf8).boxed(),
        ColumnType::Boolean => any::<bool>().prop_map(Cell::Boolean).boxed(),
    };
    option::weighted(0.8, value).boxed()
}

fn column_type() -> impl Strategy<Value = ColumnType> {
    use ColumnType::{Boolean, Float64, Int64, Utf8};
    prop::sample::select(vec![Int64, Float64, Utf8, Boolean])
}

/// The types of the columns, and rows of values, nulls as none.
fn table() -> impl Strategy<Value = (Vec<ColumnType>, Cells)> {
    vec(column_type(), 1..6).prop_flat_map(|types| {
        let row: Vec<_> = types.iter().map(|column_type| cell(*column_type)).collect();
        (Just(types), vec(row, 0..20))
    })
}

fn write(types: &[ColumnType], cells: &Cells, crlf: bool, quoted: bool) -> Vec<u8> {
    let end = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
    let style = if quoted { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
    let mut writer =
        csv::WriterBuilder::new().terminator(end).quote_style(style).from_writer(Vec::new());
    writer.write_record((0..types.len()).map(|index| format!("c{index}"))).expect("it is a row");
    for row in cells {
        let texts = row.iter().map(|cell| cell.as_ref().map(Cell::text).unwrap_or_default());
        writer.write_record(texts).expect("it is a row");
    }
    writer.into_inner().expect("a vector takes all")
}

fn read(dataset: &Arc<Dataset>) -> Cells {
    let batches = batches(&dataset.grant(None).expect("all columns are granted"));
    let cell = |batch: &RecordBatch, column: usize, row: usize| {
        let array = batch.column(column);
        array.is_valid(row).then(|| match dataset.columns()[column].column.column_type {
            ColumnType::Int64 => Cell::Int64(array.as_primitive::<Int64Type>().value(row)),
            ColumnType::Float64 => Cell::Float64(array.as_primitive::<Float64Type>().value(row)),
            ColumnType::Utf8 => Cell::Utf8(array.as_string::<i32>().value(row).to_owned()),
            ColumnType::Boolean => Cell::Boolean(array.as_boolean().value(row)),
        })
    };
    let rows = batches.iter().flat_map(|batch| (0..batch.num_rows()).map(move |row| (batch, row)));
    let row = |(batch, row)| (0..dataset.columns().len()).map(|c| cell(batch, c, row)).collect();
    rows.map(row).collect()
}

/// What a reader can know: that a text is null cannot be told from a null.
fn readable(cells: Cells) -> Cells {
    let null = |cell: &Cell| NULL_TEXTS.contains(&cell.text().trim_ascii());
    let row = |row: Vec<Option<Cell>>| row.into_iter().map(|cell| cell.filter(|cell| !null(cell)));
    cells.into_iter().map(|cells| row(cells).collect()).collect()
}

proptest! {
    #[test]
    fn declared_columns_are_read_as_written(
        (types, cells) in table(),
        crlf: bool,
        quoted: bool,
    ) {
        let file = Table::new(write(&types, &cells, crlf, quoted));
        let declare = |(index, column_type)| format!("c{index}:{column_type}?");
        let declared: Vec<String> = types.iter().enumerate().map(declare).collect();
        let dataset = file.open(&declared.join(",")).expect("the types fit");
        prop_assert_eq!(read(&dataset), readable(cells));
    }

    #[test]
    fn inferred_columns_are_read_as_written(
        (types, cells) in table(),
        crlf: bool,
        quoted: bool,
    ) {
        let file = Table::new(write(&types, &cells, crlf, quoted));
        let dataset = file.open("").expect("the file is good");
        let expected = readable(cells);
        let found = read(&dataset);
        for (index, offered) in dataset.columns().iter().enumerate() {
            let nulls = expected.iter().filter(|row| row[index].is_none()).count();
            prop_assert_eq!(offered.nulls, nulls as u64);
            prop_assert_eq!(offered.column.nullable, nulls > 0);
            for (found, expected) in found.iter().zip(&expected) {
                match (&found[index], &expected[index]) {
                    // The same number or truth value may be written in several ways.
                    (Some(Cell::Float64(found)), Some(cell)) => {
                        prop_assert_eq!(Ok(*found), cell.text().trim().parse());
                    }
                    (Some(Cell::Boolean(found)), Some(cell)) => {
                        prop_assert_eq!(Ok(*found), cell.text().trim().to_lowercase().parse());
                    }
                    (found, expected) => {
                        let text = |cell: &Option<Cell>| cell.as_ref().map(Cell::text);
                        prop_assert_eq!(text(found), text(expected));
                    }
                }
            }
        }
    }
}

#[test]
fn rows_of_many_batches_come_in_order_without_gaps() {
    let rows = 2 * BATCH_ROWS + 7;
    let value = |row: usize| match row % 5 {
        0 => None,
        1 => Some(format!("{row}\r\n\"zwei\",")),
        2 => Some(format!("\u{feff}{row}")),
        _ => Some(format!("{row} ü")),
    };
    let cells: Cells = (0..rows).map(|row| vec![value(row).map(Cell::Utf8)]).collect();
    for crlf in [false, true] {
        let table = Table::new(write(&[ColumnType::Utf8], &cells, crlf, false));
        let dataset = table.open("").expect("the file is good");
        assert_eq!(dataset.rows(), rows as u64);
        let batches = batches(&dataset.grant(None).expect("all columns are granted"));
        let sizes: Vec<usize> = batches.iter().map(RecordBatch::num_rows).collect();
        assert_eq!(sizes, [BATCH_ROWS, BATCH_ROWS, 7]);
        assert_eq!(texts(&batches, 0), (0..rows).map(value).collect::<Vec<_>>());
    }
}
