//! How values become bytes in messages and in storage: [postcard](https://postcard.jamesmunns.com/wire-format).

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{DecodeError, Error, Result};

/// Encodes a value; `name` is the topic or key, for the error.
pub(crate) fn encode<T: Serialize + ?Sized>(name: &str, value: &T) -> Result<Vec<u8>> {
    postcard::to_stdvec(value).map_err(|source| Error::Encode { name: name.to_owned(), source })
}

/// Decodes a value that takes all of the bytes.
///
/// Bytes from a peer may be anything. serde reserves at most a mebibyte before it has seen the
/// elements, so that memory is bounded by the number of bytes; a type that refers to itself, or a
/// list of elements that take no bytes, has no such bound and does not belong into a message.
pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    let (value, rest) = postcard::take_from_bytes(bytes).map_err(DecodeError::Value)?;
    match rest.len() {
        0 => Ok(value),
        length => Err(DecodeError::TrailingBytes(length)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_survives_its_bytes() {
        let value = (7_u8, "seven".to_owned(), vec![Some(-1_i64), None]);
        let bytes = encode("x", &value).unwrap();
        assert_eq!(decode::<(u8, String, Vec<Option<i64>>)>(&bytes).unwrap(), value);
    }

    #[test]
    fn every_shorter_or_longer_text_is_refused() {
        let bytes = encode("x", &vec![1_u64, 300, u64::MAX]).unwrap();
        for length in 0..bytes.len() {
            assert!(decode::<Vec<u64>>(&bytes[..length]).is_err(), "{length}");
        }
        let longer = [bytes.as_slice(), &[0, 0]].concat();
        let error = decode::<Vec<u64>>(&longer).unwrap_err();
        assert!(matches!(error, DecodeError::TrailingBytes(2)), "{error}");
    }

    #[test]
    fn a_claimed_length_reserves_no_memory() {
        let claims_2_to_the_62_elements = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f];
        assert!(decode::<Vec<u64>>(&claims_2_to_the_62_elements).is_err());
        assert!(decode::<String>(&claims_2_to_the_62_elements).is_err());
    }
}
