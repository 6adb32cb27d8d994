//! Input that is refused before any share leaves, with the same sentence at all parties.

use super::*;

fn small() -> (Model, Vec<Vec<f64>>, Value) {
    let model = Model(vec![vec![vec![1.0, -2.0]; 3]]);
    (model, vec![vec![1.0, 2.0], vec![-1.0, 0.5]], arguments(&[2, 2], "class"))
}

#[test]
fn features_that_are_not_as_declared() {
    let (model, mut records, arguments) = small();
    for bad in [16.1, -17.0, f64::NAN, f64::INFINITY] {
        records[1][1] = bad;
        assert_eq!(
            lab("helper", &model, &records, &arguments).run().refusal(),
            "clinic does not take part: the column \"feature_1\" of the dataset \"records\": value 2 is \
             not in the declared range -16 to 16",
        );
    }
    let none: Vec<f64> = Vec::new();
    let mut empty = lab("provider", &model, &records, &arguments);
    empty.dataset(1, "records", &Rows::new().float64("a", none.clone()).float64("b", none));
    assert_eq!(
        empty.run().refusal(),
        "clinic does not take part: the dataset \"records\" has no rows",
    );
    let mut null = lab("provider", &model, &records, &arguments);
    let rows = Rows::new().float64("a", [1.0, 2.0]).float64("b", [Some(1.0), None]);
    null.dataset(1, "records", &rows);
    assert_eq!(
        null.run().refusal(),
        "clinic does not take part: the column \"b\" of the dataset \"records\": value 2 is not in the \
         declared range -16 to 16",
    );
    let wide = vec![vec![1.0; 3]];
    assert_eq!(
        lab("helper", &model, &wide, &arguments).run().refusal(),
        "clinic does not take part: there are 3 columns of features, and the model has 2 inputs",
    );
}

#[test]
fn weights_that_are_not_as_declared() {
    let (model, records, arguments) = small();
    let mut large = model.clone();
    large.0[0][2][1] = -4.5;
    assert_eq!(
        lab("helper", &large, &records, &arguments).run().refusal(),
        "bank does not take part: the column \"weight\" of the dataset \"model\": value 6 is not in the \
         declared range -4 to 4",
    );
    let mut missing = model.clone();
    missing.0[0].remove(0);
    assert_eq!(
        lab("helper", &missing, &records, &arguments).run().refusal(),
        "bank does not take part: the model has 4 weights, and its shape 6",
    );
    let mut wide = model.clone();
    wide.0[0][0].push(1.0);
    assert_eq!(
        lab("helper", &wide, &records, &arguments).run().refusal(),
        "bank does not take part: row 3 of the dataset \"model\": layer 1, input 0, output 2 is none of \
         the shape",
    );
    let mut twice = lab("helper", &model, &records, &arguments);
    let rows = Rows::new().int64("layer", [1, 1]).int64("input", [0, 0]);
    twice.dataset(0, "model", &rows.int64("output", [1, 1]).float64("weight", [1.0, 1.0]));
    assert_eq!(
        twice.run().refusal(),
        "bank does not take part: row 2 of the dataset \"model\": there was a weight for the same place \
         before",
    );
}

#[test]
fn arguments_that_make_no_sense_or_differ() {
    let (model, records, arguments) = small();
    for (name, value, expected) in [
        (
            "layers",
            json!([2]),
            "\"layers\" must have the numbers of inputs and outputs and up to six between, none of them \
             0, not [2]",
        ),
        (
            "layers",
            json!([2, 0, 2]),
            "\"layers\" must have the numbers of inputs and outputs and up to six between, none of them \
             0, not [2, 0, 2]",
        ),
        (
            "layers",
            json!([2, 1]),
            "of one output there is no largest: \"output\" cannot be \"class\"",
        ),
        ("layers", json!([1_000, 1_000]), "the model has more than 1000000 weights"),
        ("fraction_bits", json!(0), "\"fraction_bits\" must be from 1 to 26, not 0"),
        ("batch", json!(0), "\"batch\" must be from 1 to 100000, not 0"),
        (
            "layers",
            json!([2, 30_000, 2]),
            "a batch of 256 records with up to 30000 values each is more than 2097152: declare a \
             smaller \"batch\"",
        ),
        (
            "feature_bound",
            json!(1e9),
            "the outputs of layer 1 can reach 10000000015, which with 16 fractional bits is too large: \
             declare narrower bounds or fewer bits",
        ),
        ("feature_bound", json!(-1), "there are no numbers from 1 to -1"),
    ] {
        let mut arguments = arguments.clone();
        arguments[name] = value;
        let expected = format!("bank does not take part: {expected}");
        assert_eq!(lab("helper", &model, &records, &arguments).run().refusal(), expected);
    }
    let mut other = arguments.clone();
    other["weight_bound"] = json!(3);
    let mut differ = lab("provider", &model, &records, &arguments);
    differ.arguments_of(2, other);
    assert_eq!(differ.run().refusal(), "third was given other arguments than bank");
}

#[test]
fn too_few_or_too_many_parties() {
    let (model, records, arguments) = small();
    let two = |lab: &mut Lab| {
        lab.party("bank", "model").party("clinic", "records").arguments(&arguments);
        lab.dataset(0, "model", &model.rows()).dataset(1, "records", &rows(&records));
    };
    let mut alone = Lab::new(private_inference::algorithm());
    two(&mut alone);
    assert_eq!(
        alone.run().refusal(),
        "bank does not take part: the task has 2 parties: two that have data need a third one, in the role \"provider\" or one that \
         computes with them",
    );
    let mut both = Lab::new(private_inference::algorithm());
    two(&mut both);
    both.party("dealer", "provider").party("helper", "helper");
    // The lab's arguments are for the parties that there are.
    both.arguments(&arguments);
    assert_eq!(
        both.run().refusal(),
        "bank does not take part: there are both a provider and a helper: one of them is enough",
    );
}
