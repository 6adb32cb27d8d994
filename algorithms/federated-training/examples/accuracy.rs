//! Trains a perceptron on the digits among 3 and 10 organizations, split in several ways, and in plain code
//! on all rows in one place; draws how many of 500 others are read right after each round.
//!
//! `cargo run --release --package federated-training --example accuracy > accuracy.svg`; the numbers go to
//! standard error.

#![allow(missing_docs, clippy::unwrap_used, reason = "what fails here has no drawing")]

#[cfg(not(target_family = "wasm"))]
#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../tests/it/plain.rs"]
mod plain;

#[cfg(not(target_family = "wasm"))]
mod drawing {
    use anchorhold_sdk::lab::{Lab, Rows};

    use super::plain::{
        DIGITS_BATCH, DIGITS_EPOCHS, DIGITS_RATE, Network, Row, Split, digits, digits_arguments,
        scaled, split,
    };

    const ROUNDS: usize = 40;

    /// The perceptron.
    const LAYERS: [(usize, usize); 2] = [(64, 32), (32, 10)];

    /// How many of the others are right after each round.
    type Course = Vec<f64>;

    pub fn draw() {
        let (rows, first) = digits();
        let rows = scaled(&rows, &[(0.0, 16.0); 64]);
        let (start, _) = federated(&rows, first, 3, Split::Even);
        let mut courses =
            vec![("all rows in one place".to_owned(), centralized(&rows, first, &start))];
        for organizations in [3, 10] {
            for (how, name) in
                [(Split::Even, "even"), (Split::Uneven, "uneven"), (Split::ByLabel, "by label")]
            {
                let (_, course) = federated(&rows, first, organizations, how);
                courses.push((format!("{organizations} organizations, {name}"), course));
            }
        }
        for (name, course) in &courses {
            let at = [1, 5, 10, 20, 40].map(|round| format!("{:.1}", 100.0 * course[round]));
            eprintln!("{name}: {} % after 1, 5, 10, 20 and 40 rounds", at.join(", "));
        }
        println!("{}", svg(&courses));
    }

    /// Trains in the lab; returns the parameters at the start, too.
    fn federated(
        rows: &[Row],
        first: usize,
        organizations: usize,
        how: Split,
    ) -> (Vec<f64>, Course) {
        let mut lab = Lab::new(federated_training::algorithm());
        lab.party("coordinator", "coordinator");
        let parts = split(&rows[..first], organizations, how);
        for organization in 0..organizations {
            lab.party(&format!("organization-{organization}"), "organization");
        }
        // Columns are from -1 to 1 here.
        let mut arguments = digits_arguments(ROUNDS);
        arguments["features"][0]["minimum"] = (-1).into();
        arguments["features"][0]["maximum"] = 1.into();
        // A last sum is for validation alone: by it the last model is told.
        arguments["validation"] = 0.01.into();
        arguments["min_party_rows"] = 1.into();
        lab.arguments(arguments);
        for (organization, part) in parts.iter().enumerate() {
            let columns = (0..64).fold(Rows::new(), |table, at| {
                let name = format!("pixel_{}_{}", at / 8, at % 8);
                table.float64(&name, part.iter().map(move |(x, _)| x[at]))
            });
            let table = columns.int64("class", part.iter().map(|(_, class)| *class as i64));
            lab.dataset(organization + 1, "records", &table);
        }
        let report = lab.run();
        report.result(0);
        let count: usize = LAYERS.iter().map(|(inputs, outputs)| (inputs + 1) * outputs).sum();
        let told = report.trace().iter().filter(|sent| sent.topic == "round" && sent.to == 1);
        let models: Vec<Vec<f64>> = told
            .filter(|sent| sent.body.len() > 8 * count)
            .map(|sent| {
                let bytes = &sent.body[sent.body.len() - 8 * count..];
                bytes.as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect()
            })
            .collect();
        let right = |model: &Vec<f64>| Network::new(&LAYERS, model).judge(&rows[first..]).1;
        let course = models.iter().map(right).collect();
        (models[0].clone(), course)
    }

    fn centralized(rows: &[Row], first: usize, start: &[f64]) -> Course {
        let mut network = Network::new(&LAYERS, start);
        let mut course = vec![network.judge(&rows[first..]).1];
        for _ in 0..ROUNDS {
            for _ in 0..DIGITS_EPOCHS {
                for batch in rows[..first].chunks(DIGITS_BATCH) {
                    network.step(&batch.iter().collect::<Vec<_>>(), DIGITS_RATE);
                }
            }
            course.push(network.judge(&rows[first..]).1);
        }
        course
    }

    /// Draws courses, from 0 % to 100 %.
    fn svg(courses: &[(String, Course)]) -> String {
        const COLOURS: [&str; 7] =
            ["#000000", "#0072b2", "#56b4e9", "#009e73", "#d55e00", "#e69f00", "#cc79a7"];
        let (left, top, width, height) = (50.0, 20.0, 500.0, 300.0);
        let x = |round: usize| left + width * round as f64 / ROUNDS as f64;
        let y = |right: f64| top + height * (1.0 - right);
        let mut lines = vec![
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"800\" height=\"370\" \
             font-family=\"sans-serif\" font-size=\"12\">"
                .to_owned(),
            "<rect width=\"800\" height=\"370\" fill=\"#ffffff\"/>".to_owned(),
        ];
        for percent in (0..=100).step_by(20) {
            let at = y(f64::from(percent) / 100.0);
            lines.push(format!(
                "<path d=\"M{left:.1} {at:.1}h{width:.1}\" stroke=\"#dddddd\"/>\
                 <text x=\"44\" y=\"{:.1}\" text-anchor=\"end\">{percent} %</text>",
                at + 4.0
            ));
        }
        for round in (0..=ROUNDS).step_by(10) {
            lines.push(format!(
                "<text x=\"{:.1}\" y=\"338\" text-anchor=\"middle\">{round}</text>",
                x(round)
            ));
        }
        lines.push("<text x=\"300\" y=\"358\" text-anchor=\"middle\">rounds</text>".to_owned());
        for (place, (name, course)) in courses.iter().enumerate() {
            let points: Vec<String> = course
                .iter()
                .enumerate()
                .map(|(round, right)| format!("{:.1},{:.1}", x(round), y(*right)))
                .collect();
            let (colour, at) = (COLOURS[place % COLOURS.len()], 40.0 + 22.0 * place as f64);
            let dashes = if place == 0 { " stroke-dasharray=\"5 3\"" } else { "" };
            lines.push(format!(
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.8\"{dashes}/>",
                points.join(" ")
            ));
            lines.push(format!(
                "<path d=\"M570 {at:.1}h24\" stroke=\"{colour}\" stroke-width=\"1.8\"{dashes}/>\
                 <text x=\"600\" y=\"{:.1}\">{name}</text>",
                at + 4.0
            ));
        }
        lines.push("</svg>".to_owned());
        lines.join("\n")
    }
}

fn main() {
    #[cfg(not(target_family = "wasm"))]
    drawing::draw();
}
