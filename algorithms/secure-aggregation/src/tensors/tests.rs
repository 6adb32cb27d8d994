#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod bounds;
mod formats;

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn state(tensors: Vec<(&str, Vec<usize>, Vec<f64>, Precision)>) -> StateDictionary {
    let tensors = tensors.into_iter().map(|(name, shape, values, precision)| {
        (name.to_owned(), Tensor::of_precision(name, shape, values, precision).unwrap())
    });
    StateDictionary::new(tensors.collect()).unwrap()
}

fn example() -> StateDictionary {
    state(vec![
        ("bias", vec![2], vec![-0.5, 1024.25], Precision::Single),
        ("layer.weight", vec![2, 3], vec![0.1, -2.0, 3.0, 4e300, 5.0, -0.0], Precision::Double),
        ("nothing", vec![0, 4], vec![], Precision::Single),
        ("scale", vec![], vec![7.25], Precision::Double),
    ])
}

type Parser = fn(&[u8]) -> Result<StateDictionary, StateError>;

const PARSERS: [Parser; 2] = [StateDictionary::from_safetensors, StateDictionary::from_npz];

fn files() -> [Vec<u8>; 2] {
    [example().to_safetensors().unwrap(), example().to_npz().unwrap()]
}

#[test]
fn a_state_dictionary_survives_its_file() {
    for (parser, file) in PARSERS.iter().zip(files()) {
        assert_eq!(parser(&file), Ok(example()));
    }
}

#[test]
fn files_that_others_wrote_are_read() {
    // By numpy 2.4.6 and the Python package safetensors 0.8.0, from the same arrays.
    let expected = state(vec![
        ("bias", vec![2], vec![-0.5, 1024.25], Precision::Single),
        ("layer.weight", vec![2, 3], vec![0.1, -2.0, 3.0, 4e300, 5.0, -0.0], Precision::Double),
        ("scale", vec![], vec![7.25], Precision::Double),
    ]);
    let safetensors = include_bytes!("tests/written.safetensors");
    assert_eq!(StateDictionary::from_safetensors(safetensors), Ok(expected.clone()));
    assert_eq!(StateDictionary::from_npz(include_bytes!("tests/written.npz")), Ok(expected));
    let compressed = StateDictionary::from_npz(include_bytes!("tests/compressed.npz")).unwrap_err();
    assert!(compressed.to_string().contains("compressed"), "{compressed}");
}

#[test]
fn a_state_dictionary_survives_its_json() {
    let json = example().to_json();
    assert_eq!(json["layer.weight"], json!([[0.1, -2.0, 3.0], [4e300, 5.0, -0.0]]));
    assert_eq!((&json["scale"], &json["bias"]), (&json!(7.25), &json!([-0.5, 1024.25])));
    let read = StateDictionary::from_json(json!({ "a": [[1, 2.5]], "b": 3 }).as_object().unwrap());
    assert_eq!(
        read.unwrap().to_json(),
        *json!({ "a": [[1.0, 2.5]], "b": 3.0 }).as_object().unwrap()
    );
}

#[test]
fn safetensors_are_read_as_their_format_says() {
    let header = br#"{"w":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}"#;
    let length = (header.len() as u64).to_le_bytes();
    let values = [1.5_f32.to_le_bytes(), (-2.0_f32).to_le_bytes()].concat();
    let file = [&length[..], header, &values].concat();
    let expected = state(vec![("w", vec![2, 1], vec![1.5, -2.0], Precision::Single)]);
    assert_eq!(StateDictionary::from_safetensors(&file), Ok(expected));
}

#[test]
fn npy_is_read_as_its_format_says() {
    let file = |version: u8, header: &str| {
        let length = match version {
            1 => (header.len() as u16).to_le_bytes().to_vec(),
            _ => (header.len() as u32).to_le_bytes().to_vec(),
        };
        let values = [1.5_f64.to_le_bytes(), (-2.0_f64).to_le_bytes()].concat();
        [b"\x93NUMPY", &[version, 0][..], &length, header.as_bytes(), &values].concat()
    };
    let good = [
        (1, "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }    \n", vec![2]),
        (2, "{\"shape\":(1,2),\"fortran_order\":False,\"descr\":\"<f8\"}\n", vec![1, 2]),
        (3, "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 1)}\n", vec![2, 1]),
    ];
    for (version, header, shape) in good {
        let expected = Tensor::new("w", shape, vec![1.5, -2.0]);
        assert_eq!(npy::read("w", &file(version, header)), expected, "{header}");
    }
    let malformed = "its header is malformed";
    let bad = [
        ("", malformed),
        ("{}", malformed),
        ("{'descr': '<f8', 'fortran_order': False}", malformed),
        ("{'descr': '<f8', 'shape': (2,)}", malformed),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (2,)", malformed),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (2,) 'x': 1}", malformed),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), 'x': 1}", malformed),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (2,-1)}", malformed),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,)}", malformed),
        ("{'descr': '<f8', 'fortran_order': True, 'shape': (2,)}", "it is not in row-major order"),
        (
            "{'descr': '>f8', 'fortran_order': False, 'shape': (2,)}",
            "its values are neither of the type <f4 nor <f8",
        ),
    ];
    for (header, reason) in bad {
        let expected = StateError::Unreadable { name: "w".to_owned(), reason };
        assert_eq!(npy::read("w", &file(1, header)), Err(expected), "{header}");
    }
}

#[test]
fn a_shape_that_is_too_large_is_refused_before_memory_is_taken() {
    for (lengths, found) in [
        (vec![u64::MAX], usize::MAX),
        (vec![1 << 32; 8], 1 << 32),
        (vec![0, u64::MAX], usize::MAX),
        (vec![3, MAX_VALUES as u64], 3 * MAX_VALUES),
        (vec![MAX_VALUES as u64 + 1], MAX_VALUES + 1),
    ] {
        let layout = Layout(BTreeMap::from([("x".to_owned(), lengths)]));
        assert_eq!(layout.values(), Err(StateError::TooManyValues(found)));
    }
    let half = vec![MAX_VALUES as u64 / 2];
    let names = ["x", "y", "z"].map(|name| (name.to_owned(), half.clone()));
    assert_eq!(
        Layout(BTreeMap::from(names)).values(),
        Err(StateError::TooManyValues(MAX_VALUES / 2 * 3))
    );
    let many = (0..=MAX_TENSORS).map(|name| (name.to_string(), vec![1])).collect();
    assert_eq!(Layout(many).values(), Err(StateError::TooManyTensors(MAX_TENSORS + 1)));
    let deep = Layout(BTreeMap::from([("x".to_owned(), vec![1; MAX_DIMENSIONS + 1])]));
    assert_eq!(deep.values(), Err(StateError::TooManyDimensions("x".to_owned())));
    let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296)}";
    let length = (header.len() as u16).to_le_bytes();
    let file = [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes()].concat();
    assert_eq!(npy::read("w", &file), Err(StateError::TooManyValues(1 << 32)));
}

#[test]
fn a_value_that_is_not_finite_is_named_by_its_place() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for precision in [Precision::Single, Precision::Double] {
            let whole = state(vec![("w", vec![2, 3], vec![1.0; 6], precision)]);
            let mut wrong = whole.clone();
            wrong.tensors.get_mut("w").unwrap().values[4] = value;
            let expected = StateError::NotFinite { name: "w".to_owned(), place: vec![1, 1] };
            for (parser, file) in
                PARSERS.iter().zip([wrong.to_safetensors().unwrap(), wrong.to_npz().unwrap()])
            {
                assert_eq!(parser(&file), Err(expected.clone()));
            }
        }
    }
}

#[test]
fn types_that_are_not_averaged_are_refused_by_name() {
    let refused = |reason| StateError::Unreadable { name: "steps".to_owned(), reason };
    for (dtype, bytes) in [
        ("I64", 8),
        ("U64", 8),
        ("I32", 4),
        ("U32", 4),
        ("F16", 2),
        ("BF16", 2),
        ("U8", 1),
        ("BOOL", 1),
    ] {
        let header = format!(
            "{{\"steps\":{{\"dtype\":\"{dtype}\",\"shape\":[1],\"data_offsets\":[0,{bytes}]}}}}"
        );
        let length = (header.len() as u64).to_le_bytes();
        let file = [&length[..], header.as_bytes(), &vec![0; bytes]].concat();
        let expected = refused("its values are neither of the type F32 nor F64");
        assert_eq!(StateDictionary::from_safetensors(&file), Err(expected), "{dtype}");
    }
    for descr in ["<i4", "<i8", "<u4", "|u1", "|b1", "<f2", "<c8", "=f4", "|f4", ">f4"] {
        let file = npy_of(
            &format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': (1,)}}"),
            &[0; 4],
        );
        let expected = refused("its values are neither of the type <f4 nor <f8");
        assert_eq!(npy::read("steps", &file), Err(expected), "{descr}");
    }
}

/// A file of version 1.0 with this header.
fn npy_of(header: &str, values: &[u8]) -> Vec<u8> {
    let length = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), values].concat()
}

#[test]
fn more_than_eight_dimensions_are_not_taken_for_eight() {
    for dimensions in [8, 9, 10, 100] {
        let shape = "1,".repeat(dimensions);
        let header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({shape})}}");
        let expected = match dimensions {
            8 => Tensor::new("w", vec![1; 8], vec![0.0]),
            _ => Err(StateError::TooManyDimensions("w".to_owned())),
        };
        assert_eq!(npy::read("w", &npy_of(&header, &[0; 8])), expected, "{dimensions}");
    }
}

#[test]
fn npy_is_written_as_its_format_says() {
    for shape in [vec![], vec![2], vec![2; 8], vec![100; 3]] {
        let count = shape.iter().product();
        let tensor = Tensor::new("w", shape, vec![1.5; count]).unwrap();
        let file = npy::write(&tensor);
        let length = usize::from(u16::from_le_bytes([file[8], file[9]]));
        assert_eq!(&file[..8], b"\x93NUMPY\x01\x00");
        // Values begin at a multiple of 64, behind a line break.
        assert!((10 + length).is_multiple_of(64) && file[9 + length] == b'\n');
        assert_eq!(file.len(), 10 + length + 8 * count);
    }
}

#[test]
fn a_file_that_is_cut_anywhere_is_refused() {
    for (parser, file) in PARSERS.iter().zip(files()) {
        for length in 0..file.len() {
            assert!(parser(&file[..length]).is_err(), "{length}");
        }
    }
}

#[test]
fn values_of_a_file_that_were_changed_are_noticed_by_its_checksum() {
    let mut file = example().to_npz().unwrap();
    let value = 4e300_f64.to_le_bytes();
    let place = file.windows(8).position(|bytes| bytes == value).unwrap();
    file[place] ^= 1;
    let reason = "it is cut short or was changed";
    let expected = StateError::Unreadable { name: "layer.weight".to_owned(), reason };
    assert_eq!(StateDictionary::from_npz(&file), Err(expected));
}

#[test]
fn layouts_differ_in_the_first_name_that_does() {
    let layout = |tensors: &[(&str, u64)]| {
        Layout(tensors.iter().map(|(name, length)| ((*name).to_owned(), vec![*length])).collect())
    };
    let some = layout(&[("a", 1), ("c", 2)]);
    assert_eq!(some.difference(&some), None);
    for (other, name) in [
        (layout(&[("a", 1), ("c", 3)]), "c"),
        (layout(&[("a", 1)]), "c"),
        (layout(&[("a", 1), ("b", 1), ("c", 3)]), "b"),
    ] {
        assert_eq!((some.difference(&other), other.difference(&some)), (Some(name), Some(name)));
    }
}

proptest! {
    #[test]
    fn random_bytes_are_refused(bytes: Vec<u8>) {
        for parser in PARSERS {
            prop_assert!(parser(&bytes).is_err());
        }
        prop_assert!(npy::read("x", &bytes).is_err());
    }

    #[test]
    fn a_file_with_changed_bytes_is_read_or_refused(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)
    ) {
        for (parser, file) in PARSERS.iter().zip(files()) {
            let mut changed = file.clone();
            for (place, byte) in &changes {
                changed[place.index(file.len())] = *byte;
            }
            // What is read is within bounds whatever was changed.
            if let Ok(state) = parser(&changed) {
                let mut values = state.tensors().flat_map(|(_, tensor)| tensor.values());
                prop_assert!(values.all(|value| value.is_finite()));
                prop_assert!(state.layout().values().is_ok());
            }
        }
    }

    #[test]
    fn random_headers_are_read_or_refused(header in "[{}'\":, ()0-9a-zA-Z<_]{0,80}") {
        let length = (header.len() as u16).to_le_bytes();
        let file = [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes()].concat();
        prop_assert!(npy::read("x", &file).is_err());
        let length = (header.len() as u64).to_le_bytes();
        let file = [&length[..], header.as_bytes()].concat();
        prop_assert!(StateDictionary::from_safetensors(&file).is_err());
    }

    #[test]
    fn random_state_dictionaries_survive(
        tensors in prop::collection::btree_map("[a-zé]{1,6}([./][a-zé]{1,6}){0,2}", (0_usize..4, 0_usize..4, any::<u32>()), 1..5)
    ) {
        let tensors = tensors.into_iter().map(|(name, (rows, columns, first))| {
            let values = (0..rows * columns).map(|place| f64::from(first) + place as f64 / 3.0);
            let tensor = Tensor::new(&name, vec![rows, columns], values.collect()).unwrap();
            (name, tensor)
        });
        let Ok(state) = StateDictionary::new(tensors.collect()) else { return Ok(()) };
        prop_assert_eq!(StateDictionary::from_safetensors(&state.to_safetensors().unwrap()), Ok(state.clone()));
        prop_assert_eq!(StateDictionary::from_npz(&state.to_npz().unwrap()), Ok(state));
    }
}
