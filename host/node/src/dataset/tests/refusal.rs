//! Every file that is not accepted, and the sentence that says why.

use super::*;

/// Opens a file and returns the refusal, without the folder of the file.
fn refusal(declared: &str, content: impl AsRef<[u8]>) -> String {
    let table = Table::new(content);
    let error = table.open(declared).expect_err("it is refused").to_string();
    error.replace(&format!("{}/", table.folder.path().display()), "")
}

#[test]
fn headers_that_are_none() {
    for (content, expected) in [
        ("", "table.csv is empty, but its first row must name the columns"),
        ("\u{feff}\r\n\n", "table.csv is empty, but its first row must name the columns"),
        (
            "a;b\n1;2\n",
            "table.csv, line 1: the header is one field, \"a;b\": the fields must be separated by \
             commas",
        ),
        (
            "a\n1\n\n2\n",
            "table.csv, line 3: the line is empty: of one column that may be a null, which is written \
             as \"\"",
        ),
        (
            "a\r\n\r\n2\r\n",
            "table.csv, line 2: the line is empty: of one column that may be a null, which is written \
             as \"\"",
        ),
        ("a,,b\n", "table.csv, line 1: column 2 has no name"),
        ("a,b, \n", "table.csv, line 1: column 3 has no name"),
        ("\na,b,a \n", "table.csv, line 2: columns 1 and 3 are both named \"a\""),
        (
            "a,\"b\nc\"\n",
            "table.csv, line 1: the name of column 2 must be one line of at most 256 bytes, \
             not \"b\\nc\"",
        ),
    ] {
        assert_eq!(refusal("", content), expected);
    }
    let long = refusal("", format!("a,{}", "n".repeat(257)));
    assert!(long.ends_with(&format!("not \"{}\"...", "n".repeat(40))), "{long}");
}

#[test]
fn rows_that_do_not_fit_the_header() {
    let fields =
        |actual| format!("table.csv, line 3: expected 2 fields as in the header, got {actual}");
    assert_eq!(refusal("", "a,b\n1,2\n1\n"), fields(1));
    assert_eq!(refusal("", "a,b\r\n1,2\r\n1,2,3\r\n"), fields(3));
    assert_eq!(
        refusal("", "a,b\n\"x\ny\",2\n\"z,2\n"),
        "table.csv, line 4: a quote is opened in column 1 and never closed"
    );
    assert_eq!(
        refusal("", b"a,b\n1,\xe4\n"),
        "table.csv, line 2: expected UTF-8 text in column 2, got \"\u{fffd}\""
    );
    let long = format!("a,b\n1,{}\n", "x".repeat(rows::FIELD_BYTES + 1));
    assert_eq!(
        refusal("", long),
        "table.csv, line 2: expected at most 1048576 bytes in column 2, got more (is a quote left \
         open?)"
    );
}

#[test]
fn values_of_another_type_than_declared() {
    for (declared, field, expected) in [
        ("b:int64", "1.0", "expected int64, got \"1.0\""),
        ("b:int64", "9223372036854775808", "expected int64, got \"9223372036854775808\""),
        ("b:float64", "inf", "expected float64, got \"inf\""),
        ("b:float64?", "nan", "expected float64, got \"nan\""),
        ("b:float64", "\u{1b}[31m1", "expected float64, got \"\\u{1b}[31m1\""),
        ("b:boolean", "yes", "expected boolean, got \"yes\""),
        ("b:int64", "", "expected int64 and no nulls, got the null \"\""),
        ("b:utf8", "NA", "expected utf8 and no nulls, got the null \"NA\""),
    ] {
        let sentence = refusal(declared, format!("a,b\n1,NA?\n2,{field}\n").replace("1,NA?\n", ""));
        assert_eq!(sentence, format!("table.csv, line 2: column \"b\": {expected}"));
    }
    let long = refusal("a:int64", format!("a\n{}\n", "ü".repeat(41)));
    assert!(long.ends_with(&format!("got \"{}\"...", "ü".repeat(40))), "{long}");
}

#[test]
fn columns_that_are_not_there() {
    let expected = "table.csv has no column \"c\": it has \"a\", \"b\"";
    assert_eq!(refusal("a:int64,c:int64", "a,b\n1,2\n"), expected);
    assert_eq!(refusal("a:int64,a:utf8", "a,b\n1,2\n"), "column \"a\" is named twice");
    let names: Vec<String> = (0..11).map(|index| index.to_string()).collect();
    assert!(refusal("a:int64", names.join(",")).ends_with("\"8\", \"9\", ..."));
}

#[test]
fn paths_that_lead_to_no_file() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let open = |path: &Path| {
        let error = Dataset::open("t", path, &[], &NULL_TEXTS).expect_err("it is refused");
        error.to_string().replace(&folder.path().display().to_string(), "F")
    };
    assert_eq!(open(&folder.path().join("none.csv")), "there is no file F/none.csv");
    assert_eq!(open(folder.path()), "F is a folder, not a file");
    assert_eq!(open(Path::new("/dev/null")), "/dev/null is a device or a pipe, not a file");
}

#[test]
fn names_that_are_none() {
    let table = Table::new("a\n1\n");
    for name in ["", "a/b", "a b", "..", "ä", &"n".repeat(65)] {
        let error = Dataset::open(name, &table.path(), &[], &NULL_TEXTS).expect_err(name);
        assert!(matches!(error, DatasetError::Name { .. }), "{name}: {error}");
    }
    assert!(Dataset::open(&"n".repeat(64), &table.path(), &[], &NULL_TEXTS).is_ok());
}
