use chacha20::ChaCha20Rng;
use rand_core::SeedableRng as _;

use super::*;

const SECRETS: [[u8; 32]; 3] = [[0; 32], [255; 32], [0x5a; 32]];

fn dealt(secret: &[u8; 32], threshold: usize, givers: usize) -> Vec<Share> {
    deal(secret, threshold, givers, &mut ChaCha20Rng::from_seed([3; 32]))
}

#[test]
fn any_of_the_threshold_open_and_fewer_do_not() {
    for secret in SECRETS {
        for threshold in 1..=5 {
            let shares = dealt(&secret, threshold, 5);
            for some in 1..1_u32 << 5 {
                let givers: Vec<_> = (0..5).filter(|giver| some >> giver & 1 == 1).collect();
                let opening = Opening::by(&givers);
                let opened = opening.open(givers.iter().map(|giver| shares[*giver]));
                assert_eq!(opened == Some(secret), givers.len() >= threshold, "{givers:?}");
            }
        }
    }
}

#[test]
fn a_hundred_givers_share_a_secret() {
    let shares = dealt(&SECRETS[2], 51, 100);
    let givers: Vec<_> = (49..100).collect();
    let opened = Opening::by(&givers).open(givers.iter().map(|giver| shares[*giver]));
    assert_eq!(opened, Some(SECRETS[2]));
}

#[test]
fn a_share_survives_its_bytes_and_others_are_refused() {
    let share = dealt(&SECRETS[2], 2, 3)[1];
    let mut bytes = Vec::new();
    share.write(&mut bytes);
    assert_eq!(bytes.len(), SHARE_BYTES);
    assert!(Share::read(&bytes).is_ok_and(|read| read == share));
    let expected = SHARE_BYTES;
    let wrong = |bytes: &[u8]| Share::read(bytes).err();
    assert_eq!(wrong(&bytes[1..]), Some(Wrong::Length { expected, came: expected - 1 }));
    assert_eq!(wrong(&[]), Some(Wrong::Length { expected, came: 0 }));
    assert_eq!(wrong(&[255; SHARE_BYTES]), Some(Wrong::Element));
}
