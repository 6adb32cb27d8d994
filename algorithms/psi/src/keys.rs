//! What makes two rows the same: the values of their key columns, normalized, as one digest.

use std::borrow::Cow;
use std::fmt::Write as _;

use anchorhold_sdk::arrow_array::{BooleanArray, Int64Array, StringArray};
use anchorhold_sdk::{Batch, ColumnType, Error, Result, Table, Values};
use sha2::{Digest as _, Sha256};
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

use crate::set::Digest;

/// Normalizes text: composes characters (NFC), removes white space around it (the property
/// `White_Space`), writes it in lower case, and composes again.
pub fn normalized(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        let trimmed = text.trim();
        return match trimmed.bytes().any(|byte| byte.is_ascii_uppercase()) {
            true => Cow::Owned(trimmed.to_ascii_lowercase()),
            false => Cow::Borrowed(trimmed),
        };
    }
    let composed: String = text.nfc().collect();
    let lower = composed.trim().to_lowercase();
    Cow::Owned(if is_nfc(&lower) { lower } else { lower.nfc().collect() })
}

/// The key columns of a dataset.
pub struct Keys {
    columns: Vec<(String, ColumnType)>,
    exact: bool,
    /// What each digest begins with.
    start: Sha256,
}

impl Keys {
    /// Takes the columns of a table, whose digests are those of one task.
    ///
    /// # Errors
    /// If there is no such column, or it has floating-point numbers.
    pub fn new(table: &Table, columns: &[String], exact: bool, task_id: &str) -> Result<Self> {
        let columns = columns.iter().map(|name| {
            let column = table.column(name)?;
            if column.column_type == ColumnType::Float64 {
                return Err(Error::new(format!(
                    "the column {name:?} is of floating-point numbers, which are no keys: text, whole \
                     numbers and truth values are"
                )));
            }
            Ok((name.clone(), column.column_type))
        });
        let mut start = Sha256::new().chain_update(b"anchorhold/1 psi-key\0");
        update_with(&mut start, task_id);
        Ok(Self { columns: columns.collect::<Result<_>>()?, exact, start })
    }

    /// Digests each row of a batch; none where a key is null, or empty once it is normalized.
    pub fn digests(&self, batch: &Batch) -> Result<Vec<Option<Digest>>> {
        let mut hashes = vec![Some(self.start.clone()); batch.rows()];
        for (name, column_type) in &self.columns {
            match column_type {
                ColumnType::Utf8 => self.add_text(&batch.utf8(name)?, &mut hashes),
                ColumnType::Int64 => add_whole(&batch.int64(name)?, &mut hashes),
                _ => add_truth(&batch.boolean(name)?, &mut hashes),
            }
        }
        Ok(hashes.into_iter().map(|hash| Some(hash?.finalize().into())).collect())
    }

    fn add_text(&self, values: &Values<StringArray>, hashes: &mut [Option<Sha256>]) {
        for (hash, value) in hashes.iter_mut().zip(values.iter()) {
            let text = value.map(|text| match self.exact {
                true => Cow::Borrowed(text),
                false => normalized(text),
            });
            add(hash, text.filter(|text| !text.is_empty()).as_deref());
        }
    }
}

fn add_whole(values: &Values<Int64Array>, hashes: &mut [Option<Sha256>]) {
    let mut text = String::new();
    for (hash, value) in hashes.iter_mut().zip(values.iter()) {
        text.clear();
        let value = value.map(|value| write!(text, "{value}").expect("a string takes all"));
        add(hash, value.map(|()| &text[..]));
    }
}

fn add_truth(values: &Values<BooleanArray>, hashes: &mut [Option<Sha256>]) {
    for (hash, value) in hashes.iter_mut().zip(values.iter()) {
        add(hash, value.map(|value| if value { "true" } else { "false" }));
    }
}

/// Adds the text of a column, or takes the row out.
fn add(hash: &mut Option<Sha256>, text: Option<&str>) {
    match (hash.as_mut(), text) {
        (Some(hash), Some(text)) => update_with(hash, text),
        _ => *hash = None,
    }
}

/// Hashes the length of a text and then the text, so that no two lists of texts are hashed alike.
fn update_with(hash: &mut Sha256, text: &str) {
    let length = u64::try_from(text.len()).expect("a usize fits u64");
    hash.update(length.to_le_bytes());
    hash.update(text.as_bytes());
}

#[cfg(test)]
mod tests;
