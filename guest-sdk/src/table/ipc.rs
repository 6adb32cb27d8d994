//! Reads Arrow IPC streams of a schema and at most one record batch.
//!
//! Arrow's own reader of streams can also merge dictionaries, which no dataset has. Through that it
//! would bring half a megabyte of code into a component, and constants that differ from one build
//! of it to the next (the hasher ahash, seeded at compile time).
//!
//! The streams come from the host, which is trusted: Arrow's decoder panics on some changed bytes.
//!
//! Source: the streaming format in <https://arrow.apache.org/docs/format/Columnar.html>.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_ipc::convert::try_fb_to_schema;
use arrow_ipc::reader::read_record_batch;
use arrow_ipc::{Message, root_as_message};
use arrow_schema::{ArrowError, SchemaRef};

/// What a stream holds.
pub struct Stream {
    pub schema: SchemaRef,
    pub batch: Option<RecordBatch>,
}

/// Reads a whole stream.
pub fn read(mut bytes: &[u8]) -> Result<Stream, ArrowError> {
    let (message, _) = next(&mut bytes)?.ok_or_else(|| malformed("it is empty"))?;
    let schema =
        message.header_as_schema().ok_or_else(|| malformed("it does not begin with a schema"))?;
    let schema: SchemaRef = Arc::new(try_fb_to_schema(schema)?);
    let batch = next(&mut bytes)?.map(|(message, body)| {
        let batch = message
            .header_as_record_batch()
            .ok_or_else(|| malformed("something else than a record batch follows the schema"))?;
        read_record_batch(
            &body.into(),
            batch,
            Arc::clone(&schema),
            &HashMap::new(),
            None,
            &message.version(),
        )
    });
    let batch = batch.transpose()?;
    match next(&mut bytes)? {
        None => Ok(Stream { schema, batch }),
        Some(_) => Err(malformed("it has a second record batch")),
    }
}

/// Cuts the next message and its body off; there is none at the end of the stream.
fn next<'a>(bytes: &mut &'a [u8]) -> Result<Option<(Message<'a>, &'a [u8])>, ArrowError> {
    if bytes.is_empty() {
        return Ok(None); // a stream may end without its mark
    }
    if cut(bytes, 4)? != [0xff; 4] {
        return Err(malformed("a message does not begin with its mark"));
    }
    let mut length = [0; 4];
    length.copy_from_slice(cut(bytes, 4)?);
    match u32::from_le_bytes(length) {
        0 => Ok(None),
        length => {
            let message = root_as_message(cut(bytes, length)?)
                .map_err(|error| ArrowError::ParseError(error.to_string()))?;
            let body = cut(bytes, message.bodyLength())?;
            Ok(Some((message, body)))
        }
    }
}

fn cut<'a>(bytes: &mut &'a [u8], length: impl TryInto<usize>) -> Result<&'a [u8], ArrowError> {
    let parts = length.try_into().ok();
    let (part, rest) = parts
        .and_then(|length| bytes.split_at_checked(length))
        .ok_or_else(|| malformed("it ends too early"))?;
    *bytes = rest;
    Ok(part)
}

fn malformed(reason: &str) -> ArrowError {
    ArrowError::ParseError(reason.to_owned())
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use arrow_array::{ArrayRef, Int64Array, StringArray};
    use arrow_ipc::writer::StreamWriter;

    fn batch() -> RecordBatch {
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), None, Some(3)]));
        let texts: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), Some(""), None]));
        RecordBatch::try_from_iter_with_nullable([("n", numbers, true), ("t", texts, true)])
            .unwrap()
    }

    fn stream(batches: &[RecordBatch]) -> Vec<u8> {
        let mut writer = StreamWriter::try_new(Vec::new(), &batch().schema()).unwrap();
        batches.iter().for_each(|batch| writer.write(batch).unwrap());
        writer.into_inner().unwrap()
    }

    #[test]
    fn a_stream_survives_with_and_without_rows() {
        let read = super::read(&stream(&[batch()])).unwrap();
        assert_eq!((read.schema, read.batch), (batch().schema(), Some(batch())));
        assert_eq!(super::read(&stream(&[])).unwrap().batch, None);
    }

    #[test]
    fn a_stream_may_end_without_its_mark_and_nowhere_else() {
        let whole = stream(&[batch()]);
        let schema_only = stream(&[]).len() - 8;
        for length in 0..whole.len() {
            let complete = length == whole.len() - 8 || length == schema_only;
            assert_eq!(super::read(&whole[..length]).is_ok(), complete, "{length} bytes");
        }
    }

    #[test]
    fn a_second_batch_or_a_batch_without_schema_is_refused() {
        let twice = super::read(&stream(&[batch(), batch()])).err().map(|e| e.to_string());
        assert_eq!(twice.as_deref(), Some("Parser error: it has a second record batch"));
        let headless = stream(&[batch()])[stream(&[]).len() - 8..].to_vec();
        let headless = super::read(&headless).err().map(|e| e.to_string());
        assert_eq!(headless.as_deref(), Some("Parser error: it does not begin with a schema"));
    }
}
