//! The test vectors of RFC 9497, appendices A.1.1 and A.1.2, and replies that are changed.

use super::*;
use crate::group::tests::{bytes, bytes_32, rng};

/// One test vector: inputs, blinds, blinded elements, evaluated elements, outputs, and of the mode VOPRF the
/// proof's random number and the proof.
struct Vector {
    inputs: &'static [&'static str],
    blinds: &'static [&'static str],
    blinded: &'static [&'static str],
    evaluated: &'static [&'static str],
    outputs: &'static [&'static str],
    proof: [&'static str; 2],
}

const BLIND: &str = "64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706";
const RANDOM: &str = "222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e";
const INPUTS: [&str; 2] = ["00", "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a"];

const OPRF_SECRET: &str = "5ebcea5ee37023ccb9fc2d2019f9d7737be85591ae8652ffa9ef0f4d37063b0e";
const OPRF: [Vector; 2] = [
    Vector {
        inputs: &[INPUTS[0]],
        blinds: &[BLIND],
        blinded: &["609a0ae68c15a3cf6903766461307e5c8bb2f95e7e6550e1ffa2dc99e412803c"],
        evaluated: &["7ec6578ae5120958eb2db1745758ff379e77cb64fe77b0b2d8cc917ea0869c7e"],
        outputs: &["527759c3d9366f277d8c6020418d96bb393ba2afb20ff90df23fb7708264e2f3\
                    ab9135e3bd69955851de4b1f9fe8a0973396719b7912ba9ee8aa7d0b5e24bcf6"],
        proof: ["", ""],
    },
    Vector {
        inputs: &[INPUTS[1]],
        blinds: &[BLIND],
        blinded: &["da27ef466870f5f15296299850aa088629945a17d1f5b7f5ff043f76b3c06418"],
        evaluated: &["b4cbf5a4f1eeda5a63ce7b77c7d23f461db3fcab0dd28e4e17cecb5c90d02c25"],
        outputs: &["f4a74c9c592497375e796aa837e907b1a045d34306a749db9f34221f7e750cb4\
                    f2a6413a6bf6fa5e19ba6348eb673934a722a7ede2e7621306d18951e7cf2c73"],
        proof: ["", ""],
    },
];

const VOPRF_SECRET: &str = "e6f73f344b79b379f1a0dd37e07ff62e38d9f71345ce62ae3a9bc60b04ccd909";
const VOPRF_KEY: &str = "c803e2cc6b05fc15064549b5920659ca4a77b2cca6f04f6b357009335476ad4e";
const VOPRF_OUTPUTS: [&str; 2] = [
    "b58cfbe118e0cb94d79b5fd6a6dafb98764dff49c14e1770b566e42402da1a7d\
     a4d8527693914139caee5bd03903af43a491351d23b430948dd50cde10d32b3c",
    "8a9a2f3c7f085b65933594309041fc1898d42d0858e59f90814ae90571a6df60\
     356f4610bf816f27afdd84f47719e480906d27ecd994985890e5f539e7ea74b6",
];
const VOPRF: [Vector; 3] = [
    Vector {
        inputs: &[INPUTS[0]],
        blinds: &[BLIND],
        blinded: &["863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945"],
        evaluated: &["aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e"],
        outputs: &[VOPRF_OUTPUTS[0]],
        proof: [
            RANDOM,
            "ddef93772692e535d1a53903db24367355cc2cc78de93b3be5a8ffcc6985dd06\
             6d4346421d17bf5117a2a1ff0fcb2a759f58a539dfbe857a40bce4cf49ec600d",
        ],
    },
    Vector {
        inputs: &[INPUTS[1]],
        blinds: &[BLIND],
        blinded: &["cc0b2a350101881d8a4cba4c80241d74fb7dcbfde4a61fde2f91443c2bf9ef0c"],
        evaluated: &["60a59a57208d48aca71e9e850d22674b611f752bed48b36f7a91b372bd7ad468"],
        outputs: &[VOPRF_OUTPUTS[1]],
        proof: [
            RANDOM,
            "401a0da6264f8cf45bb2f5264bc31e109155600babb3cd4e5af7d181a2c9dc0a\
             67154fabf031fd936051dec80b0b6ae29c9503493dde7393b722eafdf5a50b02",
        ],
    },
    Vector {
        inputs: &INPUTS,
        blinds: &[BLIND, RANDOM],
        blinded: &[
            "863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945",
            "90a0145ea9da29254c3a56be4fe185465ebb3bf2a1801f7124bbbadac751e654",
        ],
        evaluated: &[
            "aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e",
            "cc5ac221950a49ceaa73c8db41b82c20372a4c8d63e5dded2db920b7eee36a2a",
        ],
        outputs: &VOPRF_OUTPUTS,
        proof: [
            "419c4f4f5052c53c45f3da494d2b67b220d02118e0857cdbcf037f9ea84bbe0c",
            "cc203910175d786927eeb44ea847328047892ddf8590e723c37205cb74600b0a\
             5ab5337c8eb4ceae0494c2cf89529dcf94572ed267473d567aeed6ab873dee08",
        ],
    },
];

fn scalar(hexadecimal: &str) -> Scalar {
    Scalar::from_canonical_bytes(bytes_32(hexadecimal)).unwrap()
}

fn all(hexadecimal: &[&str]) -> Vec<u8> {
    hexadecimal.iter().flat_map(|text| bytes(text)).collect()
}

/// Blinds, evaluates and finalizes as a vector says, and returns the replies with their proof.
fn follows(vector: &Vector, mode: Mode, secret: &str) -> Vec<u8> {
    let inputs: Vec<_> = vector.inputs.iter().map(|input| bytes(input)).collect();
    let mut blinds: Vec<_> = vector.blinds.iter().map(|blind| scalar(blind)).collect();
    let hashed: Vec<_> = inputs.iter().map(|input| mode.group().hash_parts(&[input])).collect();
    let blinded = Ristretto::multiply(&hashed, &blinds).concat();
    assert_eq!(blinded, all(vector.blinded));
    let transcript = Transcript::of_rfc(mode);
    let pod = Pod { transcript, ..Pod::with_secret(mode, scalar(secret)) };
    let random = match mode {
        Mode::Voprf => scalar(vector.proof[0]),
        Mode::Oprf => Scalar::ONE,
    };
    let reply = pod.evaluate(&blinded, &random).unwrap();
    let (replies, _) = reply.split_last_chunk::<PROOF>().unwrap();
    assert_eq!(replies, all(vector.evaluated));
    Ristretto::invert(&mut blinds);
    let unblinded = Ristretto::multiply(&decode(replies).unwrap(), &blinds);
    let outputs = inputs.iter().zip(&unblinded).map(|(input, element)| finalize(input, element));
    assert_eq!(outputs.collect::<Vec<_>>().concat(), all(vector.outputs));
    reply
}

#[test]
fn the_mode_without_proofs_computes_the_vectors() {
    for vector in &OPRF {
        follows(vector, Mode::Oprf, OPRF_SECRET);
    }
}

#[test]
fn the_mode_with_proofs_computes_the_vectors() {
    for vector in &VOPRF {
        let reply = follows(vector, Mode::Voprf, VOPRF_SECRET);
        assert_eq!(reply, all(&[vector.evaluated, &[vector.proof[1]]].concat()));
        let key = bytes_32(VOPRF_KEY);
        assert_eq!(Pod::with_secret(Mode::Voprf, scalar(VOPRF_SECRET)).public_key(), key);
        assert!(accepts(vector, &key, &reply));
        // Each byte of the replies and of the proof.
        for place in 0..reply.len() {
            let mut changed = reply.clone();
            changed[place] ^= 1;
            assert!(!accepts(vector, &key, &changed), "byte {place}");
        }
        let other = Pod::with_secret(Mode::Voprf, Scalar::ONE).key;
        assert!(!accepts(vector, &other, &reply), "another key");
    }
}

/// Says whether a modeller takes this reply to what a vector asks for.
fn accepts(vector: &Vector, key: &[u8; ELEMENT], reply: &[u8]) -> bool {
    let mut modeller = Modeller::new(key).unwrap();
    modeller.transcript = Transcript::of_rfc(Mode::Voprf);
    let elements = vec![[0; 32]; vector.inputs.len()];
    let blinds = vector.blinds.iter().map(|blind| scalar(blind)).collect();
    modeller.blinding.blind_by(&elements, blinds);
    modeller.asked.push_back(all(vector.blinded).as_chunks().0.to_vec());
    modeller.open(&elements, reply).is_ok()
}

#[test]
fn each_factor_of_a_proof_depends_on_the_whole_batch() {
    let key = [9; ELEMENT];
    let (asked, replies) = ([[1; ELEMENT]; 3], [[4; ELEMENT], [5; ELEMENT], [6; ELEMENT]]);
    let transcript = Transcript::new(Mode::Voprf);
    let factors =
        |asked: &[_], replies: &[_]| transcript.composites(&key, asked, replies).factors();
    let honest = factors(&asked, &replies);
    for place in 0..3 {
        let mut other = asked;
        other[place][7] ^= 1;
        let of_asked = factors(&other, &replies);
        let mut other = replies;
        other[place][7] ^= 1;
        let of_replies = factors(&asked, &other);
        for (factor, honest) in of_asked.iter().chain(&of_replies).zip(honest.iter().cycle()) {
            assert_ne!(factor, honest, "place {place}");
        }
    }
}

/// Makes another reply of the honest one and of one by another key.
type Change<'a> = &'a dyn Fn(&[u8], &[u8]) -> Vec<u8>;

#[test]
fn replies_in_another_order_or_by_another_key_are_refused() {
    let mut rng = rng();
    let elements = [[1; 32], [2; 32], [3; 32]];
    let mut pod = Pod::new(&mut rng);
    let mut other = Pod::new(&mut rng);
    let tokens = pod.tokens(&elements);
    let mut with = |change: Change| {
        let mut modeller = Modeller::new(&pod.public_key()).unwrap();
        let asked = modeller.ask(&elements, &mut rng).unwrap();
        let honest = pod.answer(&asked, &mut rng).unwrap();
        let by_other = other.answer(&asked, &mut rng).unwrap();
        modeller.open(&elements, &change(&honest, &by_other))
    };
    assert_eq!(with(&|honest, _| honest.to_vec()), Ok(tokens));
    let changes: [Change; 4] = [
        &|honest, _| [&honest[32..64], &honest[..32], &honest[64..]].concat(),
        &|honest, _| [&honest[..32], &honest[..32], &honest[64..]].concat(),
        &|honest, by_other| [&honest[..64], &by_other[64..96], &honest[96..]].concat(),
        &|_, by_other| by_other.to_vec(),
    ];
    for change in changes {
        assert_eq!(with(change), Err(Wrong::Proof));
    }
}

#[test]
fn a_public_key_that_is_none_is_refused() {
    assert_eq!(Modeller::new(&[0; 32]).err(), Some(Wrong::Identity));
    assert_eq!(Modeller::new(&[255; 32]).err(), Some(Wrong::Element));
    assert_eq!(Modeller::new(&[]).err(), Some(Wrong::Element));
}
