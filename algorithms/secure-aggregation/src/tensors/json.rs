//! JSON: each tensor a list of lists of numbers, or a single number.
//!
//! It is read as it comes, so that no more is held than there may be values.

use std::cell::Cell;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::once::{Once, Wrong, refuse};
use super::{MAX_DIMENSIONS, MAX_VALUES, StateDictionary, StateError, Tensor};

impl StateDictionary {
    /// Reads tensors that are nested lists.
    ///
    /// # Errors
    /// [`StateError`], with the tensor's name and the place in it.
    pub fn from_json(json: &Map<String, Value>) -> Result<Self, StateError> {
        read(json)
    }

    /// Reads the text of an object of tensors that are nested lists.
    ///
    /// # Errors
    /// [`StateError`], with the tensor's name and the place in it.
    pub fn from_json_text(text: &[u8]) -> Result<Self, StateError> {
        let mut json = serde_json::Deserializer::from_slice(text);
        let state = read(&mut json)?;
        json.end().map_err(|_| malformed())?;
        Ok(state)
    }

    /// Writes tensors as nested lists.
    pub fn to_json(&self) -> Map<String, Value> {
        let tensors = self.tensors();
        tensors
            .map(|(name, tensor)| (name.to_owned(), nest(&tensor.shape, &tensor.values)))
            .collect()
    }
}

fn read<'de, D: Deserializer<'de>>(json: D) -> Result<StateDictionary, StateError> {
    let (wrong, values) = (Wrong::default(), Cell::new(0));
    let nested = |name: &str| Nested {
        name: name.to_owned(),
        lengths: Vec::new(),
        depth: None,
        values: Vec::new(),
        values_of_all: &values,
        place: Vec::new(),
        wrong: &wrong,
    };
    let tensors = json.deserialize_map(Once { wrong: &wrong, beside: None, tensor: nested });
    match wrong.into_inner() {
        Some(wrong) => Err(wrong),
        // The cause may quote the file, and is told to all: so it is not said.
        None => StateDictionary::new(tensors.map_err(|_| malformed())?),
    }
}

fn malformed() -> StateError {
    StateError::Format { format: "JSON", reason: "it is not an object of numbers and lists" }
}

/// A tensor that is read.
struct Nested<'a> {
    name: String,
    /// Of each dimension that was met, the length of its first list; none while that goes on.
    lengths: Vec<Option<usize>>,
    /// In how many lists a number is, once one was met.
    depth: Option<usize>,
    values: Vec<f64>,
    /// How many values were read of all tensors.
    values_of_all: &'a Cell<usize>,
    /// Where it is read.
    place: Vec<usize>,
    wrong: &'a Wrong,
}

impl<'de> DeserializeSeed<'de> for Nested<'_> {
    type Value = Tensor;

    fn deserialize<D: Deserializer<'de>>(mut self, tensor: D) -> Result<Tensor, D::Error> {
        Element(&mut self).deserialize(tensor)?;
        let shape = self.lengths.iter().map(|length| length.expect("its first list has ended"));
        Tensor::new(&self.name, shape.collect(), self.values)
            .or_else(|error| refuse(self.wrong, error))
    }
}

impl Nested<'_> {
    fn ragged<T, E: Error>(&self) -> Result<T, E> {
        let (name, place) = (self.name.clone(), self.place.clone());
        refuse(self.wrong, StateError::Ragged { name, place })
    }

    fn no_number<T, E: Error>(&self) -> Result<T, E> {
        let (name, place) = (self.name.clone(), self.place.clone());
        refuse(self.wrong, StateError::NoNumber { name, place })
    }

    fn number<E: Error>(&mut self, value: f64) -> Result<(), E> {
        if self.lengths.len() > self.place.len() {
            return self.ragged();
        }
        self.depth = Some(self.place.len());
        let count = self.values_of_all.get() + 1;
        if count > MAX_VALUES {
            return refuse(self.wrong, StateError::TooManyValues(count));
        }
        self.values_of_all.set(count);
        self.values.push(value);
        Ok(())
    }

    fn list<'de, A: SeqAccess<'de>>(&mut self, mut list: A) -> Result<(), A::Error> {
        let depth = self.place.len();
        if self.depth.is_some_and(|numbers| depth >= numbers) {
            return self.ragged();
        }
        if depth == MAX_DIMENSIONS {
            return refuse(self.wrong, StateError::TooManyDimensions(self.name.clone()));
        }
        if self.lengths.len() == depth {
            self.lengths.push(None);
        }
        let mut length = 0;
        loop {
            self.place.push(length);
            let element = list.next_element_seed(Element(self))?;
            self.place.pop();
            match element {
                None => break,
                Some(()) => length += 1,
            }
        }
        if *self.lengths[depth].get_or_insert(length) != length {
            return self.ragged();
        }
        Ok(())
    }
}

/// A number or a list, in a tensor that is read.
struct Element<'a, 'b>(&'a mut Nested<'b>);

impl<'de> DeserializeSeed<'de> for Element<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, element: D) -> Result<(), D::Error> {
        element.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Element<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number or a list")
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.0.number(value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.0.number(value as f64)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.0.number(value as f64)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<(), A::Error> {
        self.0.list(list)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.0.no_number()
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        self.0.no_number()
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.0.no_number()
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        self.0.no_number()
    }
}

fn nest(shape: &[usize], values: &[f64]) -> Value {
    match shape {
        [] => values[0].into(),
        [length, inner @ ..] => {
            let size = inner.iter().product();
            (0..*length).map(|index| nest(inner, &values[index * size..][..size])).collect()
        }
    }
}
