use super::*;

fn journal(limits: &Limits) -> (Journal, Arc<Mutex<Vec<LogEntry>>>) {
    let entries = Arc::new(Mutex::new(Vec::new()));
    let sink = entries.clone();
    let log: Log = Box::new(move |entry| sink.lock().expect("no panic").push(entry));
    (Journal::new(log, limits, Meter::new(Duration::MAX)), entries)
}

fn logged(output: &[u8], error: &[u8]) -> Vec<LogEntry> {
    let (journal, entries) = journal(&Limits::default());
    journal.stdout().write(Bytes::copy_from_slice(output)).expect("within the limits");
    journal.stderr().write(Bytes::copy_from_slice(error)).expect("within the limits");
    journal.finish();
    entries.lock().expect("no panic").clone()
}

#[test]
fn lines_are_split_and_escaped() {
    assert_eq!(
        logged(b"one\n\ntwo\x1b[2J\xff", "a\u{202e}b\tc\r\n".as_bytes()),
        [
            LogEntry::Output("one".into()),
            LogEntry::Error("a\\u{202e}b\tc\\r".into()),
            LogEntry::Output("two\\u{1b}[2J\u{fffd}".into()),
        ]
    );
}

#[test]
fn progress_is_read_from_standard_error_alone() {
    let progress =
        |done, total, text: &str| LogEntry::Progress(Progress { done, total, text: text.into() });
    assert_eq!(
        logged(b"@progress 1/2 x\n", b"@progress 1/2 adding up\n@progress 3/3\n@progress 3/2 x\n"),
        [
            LogEntry::Output("@progress 1/2 x".into()),
            progress(1, 2, "adding up"),
            progress(3, 3, ""),
            LogEntry::Error("@progress 3/2 x".into()),
        ]
    );
}

#[test]
fn a_long_line_is_cut_and_a_flood_stops() {
    let limits = Limits { log_bytes: 100_000, ..Limits::default() };
    let (journal, entries) = journal(&limits);
    let mut stream = journal.stdout();
    stream.write(Bytes::from(vec![b'x'; 60_000])).expect("within the limits");
    assert!(matches!(stream.write(Bytes::from(vec![b'x'; 60_000])), Err(StreamError::Trap(_))));
    journal.finish();
    let entries = entries.lock().expect("no panic");
    assert_eq!(*entries, [LogEntry::Output("x".repeat(limits::LOG_LINE_BYTES))]);
}

#[test]
fn the_first_second_is_given_and_no_more() {
    let limits = Limits { log_bytes_per_second: 1_000, ..Limits::default() };
    let (journal, _) = journal(&limits);
    let mut stream = journal.stderr();
    assert!(stream.write(Bytes::from(vec![b'x'; 1_000])).is_ok());
    assert!(matches!(stream.write(Bytes::from(vec![b'x'; 100])), Err(StreamError::Trap(_))));
}
