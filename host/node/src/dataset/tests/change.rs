//! Files that change after they were opened.

use super::*;

/// Opens one file, replaces it by another and reads the first batch.
fn read_changed(before: &str, after: &str) -> Result<Option<Vec<u8>>, DatasetError> {
    let table = Table::new(before);
    let grant = table.open("").expect("it is good").grant(None).expect("all are granted");
    table.write(after);
    grant.get("data/table/batch/00000000")
}

#[test]
fn any_change_of_the_rows_is_told() {
    let before = "a,b\n1,x\n2,y\n";
    for after in [
        "a,b\n1,x\n3,y\n",
        "a,b\n1,x\n2,\"y\"\n",
        "a,b\n1,x\n",
        "a,b\n1,x\n2\n\n\n\n",
        "a,b\n1,x\nz,y\n",
        "a,b\n1,x\n2,\"\n",
        "a,b\n1,x\n,y\n",
        "a,b\n0,w\n1,x\n2,y\n",
        "",
    ] {
        let error = read_changed(before, after).expect_err(after);
        assert!(matches!(error, DatasetError::Changed { .. }), "{after:?}: {error}");
    }
    let error = read_changed(before, "").expect_err("the rows are gone").to_string();
    assert!(error.ends_with("changed after it was opened as dataset table: open it again"));
}

#[test]
fn rows_that_were_appended_are_not_part_of_the_dataset() {
    let read = read_changed("a\n1\n2\n", "a\n1\n2\n3\n").expect("the rows seen are as before");
    let (schema, batches) = decode(read.expect("it is a key"));
    assert_eq!((schema.metadata()["rows"].as_str(), batches[0].num_rows()), ("2", 2));
}

#[test]
fn a_file_that_is_gone_is_told() {
    let table = Table::new("a\n1\n");
    let grant = table.open("").expect("it is good").grant(None).expect("all are granted");
    fs::remove_file(table.path()).expect("it can be removed");
    let error = grant.get("data/table/batch/00000000").expect_err("the file is gone");
    assert!(matches!(error, DatasetError::Missing { .. }), "{error}");
    assert!(grant.get("data/table/schema").expect("no file is needed").is_some());
}
