//! What is too large, or has names that cannot be, is refused before it is read.

use std::io::{Cursor, Write as _};
use std::path::{Component, Path};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::*;

fn safetensors_of(header: &[u8], values: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes()[..], header, values].concat()
}

/// An archive of so many files of this content.
fn npz_of(names: impl Iterator<Item = String>, content: &[u8]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for name in names {
        archive.start_file(name, options).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn one(name: &str) -> StateDictionary {
    state(vec![(name, vec![2], vec![1.5, -2.0], Precision::Single)])
}

#[test]
fn a_name_that_stands_twice_is_refused_by_name() {
    let error = StateError::Twice("w\n".to_owned());
    assert_eq!(error.to_string(), "the tensor \"w\\n\" stands twice in the state dictionary");
    let twice = Err(error);
    for text in [
        r#"{"w\n": 1, "v": 2, "w\n": 1}"#,
        r#"{"w\n": [1], "w\u000a": [[2]]}"#,
        // Also where something else is wrong behind.
        r#"{"w\n": 1, "w\n": "none""#,
    ] {
        assert_eq!(StateDictionary::from_json_text(text.as_bytes()), twice, "{text}");
        assert_eq!(StateDictionary::from_file(text.as_bytes()), twice, "{text}");
    }
    let header = br#"{"w\n":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"w\n":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#;
    assert_eq!(StateDictionary::from_file(&safetensors_of(header, &[0; 4])), twice);
}

#[test]
fn two_files_of_one_name_in_an_archive_are_refused() {
    let mut archive = npz_of(
        ["v.npy", "w.npy"].map(str::to_owned).into_iter(),
        &npy::write(&one("w").tensors["w"]),
    );
    let places: Vec<_> =
        archive.windows(5).enumerate().filter(|(_, name)| *name == b"v.npy").collect();
    let places: Vec<_> = places.into_iter().map(|(place, _)| place).collect();
    // Before the file and in the directory.
    assert_eq!(places.len(), 2);
    for place in places {
        archive[place] = b'w';
    }
    let expected = StateError::Format { format: ".npz", reason: "two files in it have one name" };
    assert_eq!(StateDictionary::from_npz(&archive), Err(expected));
}

#[test]
fn names_that_would_be_written_elsewhere_are_in_no_archive() {
    let long = "x".repeat(65_001);
    let bad = [
        "",
        "/abs",
        "/",
        "..",
        ".",
        "../x",
        "a/../x",
        "a/..",
        "a/./x",
        "a//x",
        "a/",
        "./x",
        "x/.. /y",
        ".. ",
        "...",
        "a\\x",
        "..\\x",
        "\\\\host\\x",
        "C:x",
        "c:/x",
        "a/b:",
        "a\0",
        "\0",
        "a\n",
        "\ta",
        "a/\r",
        "\u{1b}[2J",
        "\u{1f}",
        "\u{7f}",
        "\u{80}",
        "a\u{9f}",
        &long,
    ];
    for name in bad {
        let error = one(name).to_npz().unwrap_err();
        let StateError::Name { name: named, format: ".npz", .. } = &error else {
            panic!("{name:?} {error}")
        };
        assert_eq!(named, name);
        assert_eq!(one(name).layout().check_names(Format::Npz), Err(error.clone()));
        // A result's error has room for it.
        assert!(error.to_string().len() < 300, "{error}");
        // They can be in others, and so come in.
        assert_eq!(
            StateDictionary::from_safetensors(&one(name).to_safetensors().unwrap()),
            Ok(one(name))
        );
        let json = serde_json::to_vec(&one(name).to_json()).unwrap();
        assert_eq!(StateDictionary::from_file(&json).unwrap().to_json(), one(name).to_json());
        assert_eq!(one(name).layout().check_names(Format::Json), Ok(()));
    }
    for name in [
        "a/b",
        "dense/kernel:0",
        ".x",
        "..x",
        "x..",
        "a b",
        " x",
        "é:",
        "1:x",
        "\u{a0}x",
        "~",
        &long[1..],
    ] {
        assert_eq!(
            StateDictionary::from_npz(&one(name).to_npz().unwrap()),
            Ok(one(name)),
            "{name:?}"
        );
    }
}

#[test]
fn what_else_a_header_has_is_no_tensor() {
    let name = "__metadata__";
    let error = one(name).to_safetensors().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the tensor \"__metadata__\" cannot be in a safetensors file: what else is in its header has that name"
    );
    assert_eq!(one(name).layout().check_names(Format::Safetensors), Err(error));
    assert_eq!(StateDictionary::from_npz(&one(name).to_npz().unwrap()), Ok(one(name)));
}

#[test]
fn too_many_values_are_refused_with_their_number() {
    let of = |error: StateError, found: usize| {
        let expected = format!(
            "the state dictionary has {found} values or more, and at most 2500000 are possible"
        );
        assert_eq!(error.to_string(), expected);
    };
    // It ends with the first one that is too many, or this would be malformed.
    let text =
        |values: usize| [b"{\"v\": [1, 2], \"w\": [", &b"0,".repeat(values - 2)[..]].concat();
    let malformed =
        StateError::Format { format: "JSON", reason: "it is not an object of numbers and lists" };
    assert_eq!(StateDictionary::from_file(&text(MAX_VALUES)), Err(malformed));
    of(StateDictionary::from_file(&text(MAX_VALUES + 1)).unwrap_err(), MAX_VALUES + 1);
    let values = vec![0; 4 * (MAX_VALUES + 7)];
    let header = format!(
        "{{\"w\":{{\"dtype\":\"F32\",\"shape\":[{}],\"data_offsets\":[0,{}]}}}}",
        MAX_VALUES + 7,
        values.len()
    );
    of(
        StateDictionary::from_file(&safetensors_of(header.as_bytes(), &values)).unwrap_err(),
        MAX_VALUES + 7,
    );
    let whole =
        Tensor::of_precision("w", vec![MAX_VALUES], vec![0.0; MAX_VALUES], Precision::Single);
    let mut file = npy::write(&whole.unwrap());
    // One more is as long, in text.
    let place = file.windows(7).position(|text| text == b"2500000").unwrap();
    file[place + 6] = b'1';
    file.extend([0; 4]);
    of(
        StateDictionary::from_file(&npz_of(["w.npy".to_owned()].into_iter(), &file)).unwrap_err(),
        MAX_VALUES + 1,
    );
    // Files that may lie one above the other are added up before they are held.
    let single =
        Tensor::of_precision("w", vec![1_900_000], vec![0.0; 1_900_000], Precision::Single);
    let file = npy::write(&single.unwrap());
    let many = npz_of((0..3).map(|name| format!("{name}.npy")), &file);
    of(StateDictionary::from_file(&many).unwrap_err(), MAX_VALUES + 1);
}

#[test]
fn too_many_tensors_are_refused_before_there_is_one() {
    let of = |error: StateError, found: usize| {
        let expected = format!(
            "the state dictionary has {found} tensors or more, and at most 10000 are possible"
        );
        assert_eq!(error.to_string(), expected);
    };
    let many = MAX_TENSORS + 3;
    let names = |tensor: &str| {
        let tensors: Vec<_> = (0..many).map(|name| format!("\"{name}\":{tensor}")).collect();
        format!("{{{}}}", tensors.join(","))
    };
    of(StateDictionary::from_file(names("0").as_bytes()).unwrap_err(), MAX_TENSORS + 1);
    // Whatever they are.
    of(
        StateDictionary::from_file(&safetensors_of(names("[]").as_bytes(), &[])).unwrap_err(),
        MAX_TENSORS + 1,
    );
    let archive = npz_of((0..many).map(|name| name.to_string()), &[]);
    of(StateDictionary::from_file(&archive).unwrap_err(), many);
}

#[test]
fn what_else_a_header_has_is_not_counted_as_a_tensor() {
    let metadata = r#""__metadata__":{"format":"pt"}"#;
    let file = |tensors: usize, place: usize, beside: &[&str]| {
        let tensor = |at| {
            format!(
                "\"{at}\":{{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[{},{}]}}",
                4 * at,
                4 * at + 4
            )
        };
        let mut entries: Vec<_> = (0..tensors).map(tensor).collect();
        entries.splice(place..place, beside.iter().map(|text| (*text).to_owned()));
        safetensors_of(format!("{{{}}}", entries.join(",")).as_bytes(), &vec![0; 4 * tensors])
    };
    for place in [0, MAX_TENSORS / 2, MAX_TENSORS] {
        let state = StateDictionary::from_file(&file(MAX_TENSORS, place, &[metadata])).unwrap();
        assert_eq!(state.tensors.len(), MAX_TENSORS);
        let many = StateDictionary::from_file(&file(MAX_TENSORS + 1, place, &[metadata]));
        assert_eq!(many, Err(StateError::TooManyTensors(MAX_TENSORS + 1)), "{place}");
    }
    // It stands there once, too.
    let twice = StateDictionary::from_file(&file(2, 1, &[metadata, metadata]));
    assert_eq!(twice, Err(StateError::Twice("__metadata__".to_owned())));
    // In JSON it is a tensor as all others: it ends with the last one, or this would be malformed.
    let text = |tensors: usize| {
        let tensors: Vec<_> = (0..tensors).map(|at| format!("\"{at}\":0")).collect();
        format!("{{\"__metadata__\":0,{}", tensors.join(","))
    };
    let whole = text(MAX_TENSORS - 1) + "}";
    assert!(StateDictionary::from_file(whole.as_bytes()).is_ok());
    let many = StateDictionary::from_file(text(MAX_TENSORS).as_bytes());
    assert_eq!(many, Err(StateError::TooManyTensors(MAX_TENSORS + 1)));
}

#[test]
fn names_that_are_too_long_for_all_to_hear_are_refused() {
    let (half, more) = ("a".repeat(MAX_NAME_BYTES / 2), "b".repeat(MAX_NAME_BYTES / 2 + 1));
    let json = json!({ (half.clone()): 1, (more): 2 });
    let error = StateDictionary::from_json(json.as_object().unwrap()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the names of the tensors have 1048577 bytes, and at most 1048576 are possible"
    );
    let json = json!({ (half): 1, ("b".repeat(MAX_NAME_BYTES / 2)): 2 });
    assert!(StateDictionary::from_json(json.as_object().unwrap()).is_ok());
}

#[test]
fn a_header_of_safetensors_is_as_long_as_it_may_be() {
    let most = 8 << 20;
    let header = |length: usize| {
        let mut header = br#"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#.to_vec();
        header.resize(length, b' ');
        header
    };
    assert!(StateDictionary::from_safetensors(&safetensors_of(&header(most), &[0; 4])).is_ok());
    // It is refused by what it says, before the rest is looked at.
    for file in
        [safetensors_of(&header(most + 1), &[0; 4]), (most as u64 + 1).to_le_bytes().to_vec()]
    {
        assert_eq!(
            StateDictionary::from_safetensors(&file).unwrap_err().to_string(),
            "the header of the safetensors file has 8388609 bytes, and at most 8388608 are possible"
        );
    }
    // Names as long as they may be, of characters that are six in JSON, are in a header that is read.
    let names = (0..16).map(|name| format!("{}{name:02}", "\u{1}".repeat(65_000)));
    let tensors = names.map(|name| (name.clone(), Tensor::new(&name, vec![1], vec![0.5]).unwrap()));
    let state = StateDictionary::new(tensors.collect()).unwrap();
    assert_eq!(StateDictionary::from_file(&state.to_safetensors().unwrap()), Ok(state));
}

#[test]
fn nested_lists_have_one_shape() {
    let read = |text: &str| StateDictionary::from_json_text(text.as_bytes());
    let shape = |text: &str| read(text).unwrap().tensors["w"].shape.clone();
    assert_eq!(shape(r#"{"w": [[[1], [2]], [[3], [4]], [[-5], [6e0]]]}"#), [3, 2, 1]);
    assert_eq!(shape(r#"{"w": [[], []], "v": 1}"#), [2, 0]);
    assert_eq!(shape(r#"{"w": [[[]], [[]]], "v": 1}"#), [2, 1, 0]);
    assert_eq!(shape(r#"{"w": 18446744073709551615}"#), [0; 0]);
    let ragged = |text: &str, place: &[usize]| {
        let expected = StateError::Ragged { name: "w".to_owned(), place: place.to_vec() };
        assert_eq!(read(text), Err(expected), "{text}");
    };
    ragged(r#"{"w": [[], 1]}"#, &[1]);
    ragged(r#"{"w": [[], [1]]}"#, &[1]);
    ragged(r#"{"w": [[[]], []]}"#, &[1]);
    ragged(r#"{"w": [[1], [[]]]}"#, &[1, 0]);
    ragged(r#"{"w": [[[1, 2], [3, 4]], [[5, 6], [7]]]}"#, &[1, 1]);
    ragged(r#"{"w": [[[1], [2]], [[3], [4], [5]]]}"#, &[1]);
    for text in
        ["", "{", "[]", "1", "{\"w\": 1}}", "{\"w\": 1e999}", "{\"w\": [1,]}", "{\"w\": 1} 2"]
    {
        assert!(matches!(read(text), Err(StateError::Format { format: "JSON", .. })), "{text}");
    }
    for text in ["true", "null", "\"1\"", "{\"x\": 1}"] {
        let expected = StateError::NoNumber { name: "w".to_owned(), place: vec![1] };
        assert_eq!(read(&format!("{{\"w\": [1, {text}]}}")), Err(expected), "{text}");
    }
}

proptest! {
    #[test]
    fn an_archive_has_no_file_that_lies_elsewhere(name in "[a-cC./\\\\: \0\n\u{85}]{0,8}") {
        let Ok(file) = one(&name).to_npz() else { return Ok(()) };
        let mut archive = ZipArchive::new(Cursor::new(&file)).unwrap();
        let file = archive.by_index(0).unwrap();
        let path = file.name().unwrap().into_owned();
        prop_assert_eq!(&path, &format!("{name}.npy"));
        prop_assert!(file.enclosed_name().is_some_and(|enclosed| enclosed.to_str() == Some(&*path)));
        prop_assert!(Path::new(&path).components().all(|part| matches!(part, Component::Normal(_))));
        prop_assert!(!path.contains(|of: char| of == '\\' || of.is_control()));
    }
}
