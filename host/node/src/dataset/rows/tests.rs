use std::io::{BufReader, Read};

use super::*;

const START: Position = Position { byte: 0, line: 1 };

/// Reads all rows: where each begins, and its fields.
fn all(input: impl Read) -> Result<Vec<(Position, Vec<String>)>, RowError> {
    let mut rows = Rows::new(BufReader::with_capacity(8, input), START);
    rows.skip_mark()?;
    let mut found = Vec::new();
    while rows.seek_row()? {
        let position = rows.position();
        found.push((position, rows.read()?.fields().map(str::to_owned).collect()));
    }
    Ok(found)
}

fn problem(input: impl Read) -> (u64, ContentError) {
    match all(input) {
        Err(RowError::Content { line, problem }) => (line, problem),
        other => panic!("expected a problem, got {other:?}"),
    }
}

fn at(byte: u64, line: u64, fields: &[&str]) -> (Position, Vec<String>) {
    (Position { byte, line }, fields.iter().map(|field| field.to_string()).collect())
}

#[test]
fn rows_are_found_with_their_places() {
    let text = "\u{feff}a,b\r\n\r\n\"x\n\"\"y\"\"\",\n\n\n,ü";
    let expected = [at(3, 1, &["a", "b"]), at(10, 3, &["x\n\"y\"", ""]), at(23, 7, &["", "ü"])];
    assert_eq!(all(text.as_bytes()).expect("all rows are good"), expected);
    assert_eq!(all(&b"a\rb\r"[..]).expect("old line ends are good").len(), 2);
    assert_eq!(all(&b"\n\r\n"[..]).expect("empty lines are no rows"), []);
}

#[test]
fn a_mark_that_is_not_at_the_beginning_is_part_of_a_value() {
    let mut rows = Rows::new("\u{feff}a".as_bytes(), Position { byte: 9, line: 2 });
    assert!(rows.seek_row().expect("there is a row"));
    assert_eq!(rows.read().expect("the row is good").field(0), "\u{feff}a");
}

#[test]
fn the_digest_covers_the_rows_and_not_the_lines_between() {
    let digest = |text: &'static str| {
        let mut rows = Rows::new(text.as_bytes(), START);
        while rows.seek_row().expect("reading works") {
            rows.read().expect("the row is good");
        }
        rows.take_digest()
    };
    assert_eq!(digest("a,b\n\n\nc,d\n"), digest("a,b\nc,d\n"));
    assert_ne!(digest("a,b\nc,d\n"), digest("a,b\nc,e\n"));
    assert_ne!(digest("a,b\nc,d\n"), digest("a,bc\n,d\n"));
}

#[test]
fn an_open_quote_is_found_at_the_end() {
    for text in ["a,\"b", "a,\"b\n", "a,\"b\"\"\n\"\"", "a,\""] {
        assert_eq!(problem(text.as_bytes()), (1, ContentError::OpenQuote { number: 2 }), "{text}");
    }
    for text in ["a,\"b\"", "a,b\"", "a,\"b\"\n"] {
        assert_eq!(all(text.as_bytes()).expect("the quotes are closed").len(), 1, "{text}");
    }
}

#[test]
fn a_file_of_one_open_quote_is_not_read_to_its_end() {
    let endless = &b"a\n1,\""[..];
    let (line, problem) = problem(endless.chain(io::repeat(b'x')));
    assert_eq!((line, problem), (2, ContentError::LongField { number: 2 }));
}

#[test]
fn sizes_are_bounded() {
    let field = |bytes: usize| "x".repeat(bytes);
    let good = format!("{},{}\n", field(FIELD_BYTES), field(FIELD_BYTES));
    assert_eq!(all(good.as_bytes()).expect("the fields are not too long").len(), 1);
    let long = format!("1,2\n1,{},2\n", field(FIELD_BYTES + 1));
    assert_eq!(problem(long.as_bytes()), (2, ContentError::LongField { number: 2 }));
    let row = vec![field(FIELD_BYTES); ROW_BYTES / FIELD_BYTES].join(",");
    assert_eq!(all(row.as_bytes()).expect("the row is not too long").len(), 1);
    assert_eq!(problem(format!("{row},x").as_bytes()), (1, ContentError::LongRow));
    let columns = |count| vec!["x"; count].join(",");
    assert_eq!(all(columns(COLUMNS).as_bytes()).expect("not too many")[0].1.len(), COLUMNS);
    for count in [COLUMNS + 1, 3 * COLUMNS] {
        let columns = columns(count);
        assert_eq!(problem(columns.as_bytes()), (1, ContentError::TooManyColumns));
    }
}

#[test]
fn other_bytes_than_utf8_are_refused() {
    let not_utf8 = |number, field: &str| ContentError::NotUtf8 { number, field: field.to_owned() };
    assert_eq!(problem(&b"a,b\nx,\xff\x00"[..]), (2, not_utf8(2, "\"\u{fffd}\\0\"")));
    // A character whose bytes stand in two fields.
    assert_eq!(problem(&b"x,\xc3,\xbc,y"[..]), (1, not_utf8(2, "\"\u{fffd}\"")));
}

#[test]
fn a_failing_read_is_told() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("broken"))
        }
    }
    assert!(matches!(all(b"a,b".chain(Broken)), Err(RowError::Read(_))));
}
