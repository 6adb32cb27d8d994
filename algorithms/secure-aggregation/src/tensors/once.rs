//! Objects of JSON in which each name stands once: of two with one name, most readers take the last.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::{MAX_TENSORS, StateError};

/// What is wrong with what was read, beside the error of the format, which may quote the file.
pub(super) type Wrong = RefCell<Option<StateError>>;

/// Keeps what is wrong, and returns an error without it.
pub(super) fn refuse<T, E: Error>(wrong: &Wrong, error: StateError) -> Result<T, E> {
    wrong.replace(Some(error));
    Err(E::custom("see what is wrong"))
}

/// An object of tensors by name: at most so many as there may be, and each once.
pub(super) struct Once<'a, F> {
    pub wrong: &'a Wrong,
    /// The name of what is no tensor, and not counted as one.
    pub beside: Option<&'a str>,
    /// Returns what reads the tensor of this name.
    pub tensor: F,
}

impl<'de, S: DeserializeSeed<'de>, F: FnMut(&str) -> S> Visitor<'de> for Once<'_, F> {
    type Value = BTreeMap<String, S::Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of tensors")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut object: A) -> Result<Self::Value, A::Error> {
        let (mut tensors, mut count) = (BTreeMap::new(), 0);
        while let Some(name) = object.next_key::<String>()? {
            if tensors.contains_key(&name) {
                return refuse(self.wrong, StateError::Twice(name));
            }
            count += usize::from(self.beside != Some(&*name));
            if count > MAX_TENSORS {
                return refuse(self.wrong, StateError::TooManyTensors(count));
            }
            let tensor = object.next_value_seed((self.tensor)(&name))?;
            tensors.insert(name, tensor);
        }
        Ok(tensors)
    }
}

/// Checks the names in an object of JSON, of tensors and what may stand beside them; whether all else is right is
/// seen when it is read.
pub(super) fn check_names(json: &[u8], beside: &str) -> Result<(), StateError> {
    let wrong = Wrong::default();
    let names =
        Once { wrong: &wrong, beside: Some(beside), tensor: |_: &str| PhantomData::<IgnoredAny> };
    let _ = serde_json::Deserializer::from_slice(json).deserialize_map(names);
    wrong.into_inner().map_or(Ok(()), Err)
}

/// Reads an argument that is an object of tensors or null.
///
/// # Errors
/// One with the name of a tensor that stands in it twice.
pub fn read_argument<'de, D>(argument: D) -> Result<Option<Map<String, Value>>, D::Error>
where
    D: Deserializer<'de>,
{
    /// Takes null for none.
    struct Argument;

    impl<'de> Visitor<'de> for Argument {
        type Value = Option<Map<String, Value>>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object of tensors")
        }

        fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_some<D: Deserializer<'de>>(self, some: D) -> Result<Self::Value, D::Error> {
            let wrong = Wrong::default();
            let tensors =
                Once { wrong: &wrong, beside: None, tensor: |_: &str| PhantomData::<Value> };
            let read = some.deserialize_map(tensors);
            match wrong.into_inner() {
                Some(wrong) => Err(D::Error::custom(wrong)),
                None => read.map(|tensors| Some(tensors.into_iter().collect())),
            }
        }
    }

    argument.deserialize_option(Argument)
}
