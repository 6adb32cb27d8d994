//! What the server keeps of parcels, for whoever wants to see that it is ciphertext.

use anchorhold_model::Seat;
use anchorhold_model::link::ParcelKind;
use sqlx::Row as _;

use super::{Store, StoreError};

/// How many bytes of a parcel's beginning and end are shown.
const SHOWN: usize = 12;
/// How many parcels are listed.
const MOST: i64 = 1_000;

/// A parcel of which the database holds frames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredParcel {
    /// Who sends.
    pub sender: Seat,
    /// Who receives.
    pub receiver: Seat,
    /// What it is.
    pub kind: &'static str,
    /// How many bytes of it are there.
    pub length: u64,
    /// The first bytes.
    pub first: Vec<u8>,
    /// The last bytes.
    pub last: Vec<u8>,
}

impl Store {
    /// Lists the parcels of which the database holds frames.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub async fn parcels(&self) -> Result<Vec<StoredParcel>, StoreError> {
        let rows = sqlx::query(
            "SELECT sender, receiver, kind, bytes, piece, pieces FROM frame \
             ORDER BY task, sender, receiver, number LIMIT ?",
        )
        .bind(MOST)
        .fetch_all(&self.read)
        .await?;
        let mut parcels: Vec<StoredParcel> = Vec::new();
        for row in rows {
            let seat = |index: usize| -> Result<Seat, StoreError> {
                let number: i64 = row.try_get(index)?;
                Ok(Seat(u32::try_from(number).map_err(|_| StoreError::Damaged("a seat"))?))
            };
            let bytes: Vec<u8> = row.try_get(3)?;
            let last = bytes[bytes.len().saturating_sub(SHOWN)..].to_vec();
            let length = bytes.len() as u64;
            let piece: i64 = row.try_get(4)?;
            if let (Some(parcel), true) = (parcels.last_mut(), piece > 0) {
                (parcel.length, parcel.last) = (parcel.length.saturating_add(length), last);
                continue;
            }
            let kind: i64 = row.try_get(2)?;
            parcels.push(StoredParcel {
                sender: seat(0)?,
                receiver: seat(1)?,
                kind: name(kind)?,
                length,
                first: bytes.into_iter().take(SHOWN).collect(),
                last,
            });
        }
        Ok(parcels)
    }
}

fn name(kind: i64) -> Result<&'static str, StoreError> {
    let kind = u8::try_from(kind).ok().and_then(ParcelKind::from_byte);
    Ok(match kind.ok_or(StoreError::Damaged("a parcel"))? {
        ParcelKind::Grant => "grant",
        ParcelKind::Message => "message",
        ParcelKind::Arguments => "arguments",
        ParcelKind::Result => "result",
        ParcelKind::Closing => "closing",
        ParcelKind::Receipt => "receipt",
    })
}
