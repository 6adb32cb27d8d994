use serde_json::json;

use super::*;

const USUAL: Privacy = Privacy { epsilon: 1.0, delta: 1e-6, clip: 0.5 };

#[test]
fn arguments_that_mean_nothing_are_refused() {
    let wrong = |privacy: Privacy| privacy.check().unwrap_err().sentence();
    for epsilon in [0.0, -1.0, 32.1, f64::NAN, f64::INFINITY] {
        let sentence = wrong(Privacy { epsilon, ..USUAL });
        assert_eq!(sentence, format!("\"epsilon\" must be above 0 and at most 32, not {epsilon}"));
    }
    for delta in [0.0, -0.5, 1.0, f64::NAN, f64::INFINITY] {
        let sentence = wrong(Privacy { delta, ..USUAL });
        assert_eq!(sentence, format!("\"delta\" must be above 0 and below 1, not {delta}"));
    }
    for clip in [0.0, -0.5, 1e-310, f64::NAN, f64::INFINITY] {
        let sentence = wrong(Privacy { clip, ..USUAL });
        assert_eq!(sentence, format!("\"clip\" must be positive and not too small, not {clip}"));
        assert!(Privacy { clip, ..USUAL }.grid(3).is_err());
        assert!(Privacy { clip, ..USUAL }.rho().is_err());
    }
    Privacy { epsilon: 32.0, delta: 1.0_f64.next_down(), clip: f64::MIN_POSITIVE }.check().unwrap();
}

#[test]
fn arguments_are_read_and_have_a_schema() {
    let read = |json| serde_json::from_value::<Privacy>(json);
    assert_eq!(read(json!({ "epsilon": 1, "delta": 1e-6, "clip": 0.5 })).unwrap(), USUAL);
    assert!(read(json!({ "epsilon": 1, "delta": 1e-6 })).is_err());
    assert!(read(json!({ "epsilon": 1, "delta": 1e-6, "clip": 0.5, "rho": 1 })).is_err());
    let schema = serde_json::to_value(schemars::schema_for!(Privacy)).unwrap();
    let bounds = |name: &str, bound: &str| schema["properties"][name][bound].clone();
    assert_eq!(bounds("epsilon", "exclusiveMinimum"), json!(0));
    assert_eq!(bounds("epsilon", "maximum").as_f64(), Some(MAX_EPSILON));
    assert_eq!(bounds("delta", "exclusiveMaximum"), json!(1));
    assert_eq!(bounds("clip", "exclusiveMinimum"), json!(0));
}

#[test]
fn noise_is_enough_and_hardly_more() {
    for epsilon in [0.1, 1.0, 10.0] {
        for delta in [1e-3, 1e-9] {
            for (dimension, rounds, honest) in [(1, 1, 1), (30, 25, 2), (100_000, 1, 5)] {
                let privacy = Privacy { epsilon, delta, ..USUAL };
                let grid = privacy.grid(dimension).unwrap();
                let noise = privacy.noise(&grid, rounds, honest).unwrap();
                let spent = privacy.spent(&noise, &grid, rounds);
                assert!(spent <= epsilon, "{privacy:?}: {spent}");
                assert!(spent >= 0.98 * epsilon, "{privacy:?}: {spent}");
                assert!(privacy.spent(&noise, &grid, rounds + 1) > epsilon);
            }
        }
    }
}

/// The least that one Gaussian needs is by dp-accounting; by way of ρ it is up to a seventh more, and
/// by the grid a 64th.
#[test]
fn noise_is_about_that_of_the_central_model() {
    let peers: serde_json::Value = serde_json::from_str(include_str!("tests/peers.json")).unwrap();
    for case in peers["gaussian_sigmas"].as_array().unwrap() {
        let [epsilon, delta, sigma] =
            ["epsilon", "delta", "sigma"].map(|name| case[name].as_f64().unwrap());
        let privacy = Privacy { epsilon, delta, clip: 0.5 };
        let grid = privacy.grid(1_000).unwrap();
        let noise = privacy.noise(&grid, 1, 4).unwrap();
        let ratio = noise.deviation(4) * grid.step() / (sigma * privacy.clip);
        assert!((1.0..1.17).contains(&ratio), "{privacy:?}: {ratio}");
    }
}

#[test]
fn more_rounds_and_fewer_honest_givers_need_more_noise() {
    let grid = USUAL.grid(10).unwrap();
    let variance = |rounds, honest| USUAL.noise(&grid, rounds, honest).unwrap().variance();
    assert!(variance(2, 3) > variance(1, 3) && variance(1, 2) > variance(1, 3));
    assert_eq!(variance(40, 4), variance(10, 1));
    assert!(USUAL.noise(&grid, 0, 3).is_err() && USUAL.noise(&grid, 1, 0).is_err());
}

#[test]
fn smaller_epsilon_and_delta_need_more_noise() {
    let grid = USUAL.grid(10).unwrap();
    let variance =
        |epsilon, delta| Privacy { epsilon, delta, ..USUAL }.noise(&grid, 1, 3).unwrap().variance();
    assert!(variance(0.9, 1e-6) > variance(1.0, 1e-6));
    assert!(variance(1.0, 1e-7) > variance(1.0, 1e-6));
}
