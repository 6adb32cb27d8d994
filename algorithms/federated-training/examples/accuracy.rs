//! Trains models on the digits and on the breast cancer data among 3 and 10 organizations, split in several
//! ways, and in plain code on all rows in one place; draws how many of other rows are told right after each
//! round.
//!
//! `cargo run --release --package federated-training --example accuracy > accuracy.svg`; the tables go to
//! standard error, as they are in README.md.

#![allow(missing_docs, clippy::unwrap_used, reason = "what fails here has no drawing")]

#[cfg(not(target_family = "wasm"))]
#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../tests/it/plain.rs"]
mod plain;

#[cfg(not(target_family = "wasm"))]
mod drawing {
    use anchorhold_sdk::lab::{Lab, Rows};
    use serde_json::{Value, json};

    use super::plain::{
        DIGITS_BATCH, DIGITS_EPOCHS, DIGITS_RATE, Network, Row, Split, bounds_of, digits, read,
        scaled, split,
    };

    const ROUNDS: usize = 40;

    /// How many of the others are right after each round.
    type Course = Vec<f64>;

    /// A model, and data for it.
    struct Study {
        name: &'static str,
        layers: Vec<(usize, usize)>,
        /// Of columns from -1 to 1.
        rows: Vec<Row>,
        /// How many of them, the first, are trained with.
        first: usize,
        /// How many times it is trained, from other parameters and with rows in other orders.
        times: u64,
        /// Below what percentage nothing is drawn.
        least: u32,
    }

    pub fn draw() {
        let (rows, first) = digits();
        let layers = vec![(64, 32), (32, 10)];
        let rows = scaled(&rows, &[(0.0, 16.0); 64]);
        let name = "digits, perceptron 64-32-10";
        let digits = Study { name, layers, rows, first, times: 1, least: 0 };
        let rows = read(include_str!("../../../tests/data/breast_cancer.csv"));
        let rows = scaled(&rows, &bounds_of(&rows));
        // In an order that has nothing to do with the rows.
        let rows = split(&rows, 1, Split::Even).concat();
        let breast_cancer = |name, layers| {
            let first = rows.len() * 4 / 5;
            Study { name, layers, rows: rows.clone(), first, times: 10, least: 60 }
        };
        let studies = [
            digits,
            breast_cancer("breast cancer, logistic", vec![(30, 1)]),
            breast_cancer("breast cancer, perceptron 30-16-2", vec![(30, 16), (16, 2)]),
        ];
        let panels = studies.iter().map(|study| {
            let courses = study.courses();
            table(study, &courses);
            (study, courses)
        });
        println!("{}", svg(&panels.collect::<Vec<_>>()));
    }

    impl Study {
        /// Returns the courses with their names: in one place, and of organizations.
        fn courses(&self) -> Vec<(String, Course)> {
            let mut courses = Vec::new();
            let central = |seed| self.centralized(&self.federated(3, Split::Even, seed).0);
            courses.push(("all rows in one place".to_owned(), self.average(central)));
            for organizations in [3, 10] {
                for (how, name) in
                    [(Split::Even, "even"), (Split::Uneven, "uneven"), (Split::ByLabel, "by label")]
                {
                    let course = self.average(|seed| self.federated(organizations, how, seed).1);
                    courses.push((format!("{organizations} organizations, {name}"), course));
                }
            }
            courses
        }

        fn average(&self, course: impl Fn(u64) -> Course) -> Course {
            let courses: Vec<_> = (0..self.times).map(course).collect();
            let at = |round: usize| courses.iter().map(|course| course[round]).sum::<f64>();
            (0..=ROUNDS).map(|round| at(round) / self.times as f64).collect()
        }

        fn arguments(&self) -> Value {
            let mut arguments = json!({
                "model": "logistic", "label": "class",
                "features": [{ "name": self.columns(), "minimum": -1, "maximum": 1 }],
                "rounds": ROUNDS, "epochs": DIGITS_EPOCHS, "batch": DIGITS_BATCH,
                "learning_rate": DIGITS_RATE, "min_party_rows": 1,
                // A last sum is for validation alone: by it the last model is told.
                "validation": 0.01,
            });
            if let [_, (hidden, classes)] = self.layers[..] {
                arguments["model"] = "perceptron".into();
                arguments["hidden"] = hidden.into();
                arguments["classes"] = classes.into();
            }
            arguments
        }

        fn columns(&self) -> String {
            format!("x_{{0..{}}}", self.layers[0].0 - 1)
        }

        /// Trains in the lab; returns the parameters at the start, too.
        fn federated(&self, organizations: usize, how: Split, seed: u64) -> (Vec<f64>, Course) {
            let mut lab = Lab::new(federated_training::algorithm());
            lab.seed(seed).party("coordinator", "coordinator");
            for organization in 0..organizations {
                lab.party(&format!("organization-{organization}"), "organization");
            }
            lab.arguments(self.arguments());
            let parts = split(&self.rows[..self.first], organizations, how);
            for (organization, part) in parts.iter().enumerate() {
                let columns = (0..self.layers[0].0).fold(Rows::new(), |table, at| {
                    // The smallest and the largest may be a bit beyond, as they are computed.
                    let values = part.iter().map(move |(x, _)| x[at].clamp(-1.0, 1.0));
                    table.float64(&format!("x_{at}"), values)
                });
                let table = columns.int64("class", part.iter().map(|(_, class)| *class as i64));
                lab.dataset(organization + 1, "records", &table);
            }
            let report = lab.run();
            report.result(0);
            let count: usize =
                self.layers.iter().map(|(inputs, outputs)| (inputs + 1) * outputs).sum();
            let told = report.trace().iter().filter(|sent| sent.topic == "round" && sent.to == 1);
            let models: Vec<Vec<f64>> = told
                .filter(|sent| sent.body.len() > 8 * count)
                .map(|sent| {
                    let bytes = &sent.body[sent.body.len() - 8 * count..];
                    let numbers = bytes.as_chunks::<8>().0.iter();
                    numbers.map(|bytes| f64::from_le_bytes(*bytes)).collect()
                })
                .collect();
            let right = |model: &Vec<f64>| self.right(&Network::new(&self.layers, model));
            let course = models.iter().map(right).collect();
            (models[0].clone(), course)
        }

        fn centralized(&self, start: &[f64]) -> Course {
            let mut network = Network::new(&self.layers, start);
            let mut course = vec![self.right(&network)];
            for _ in 0..ROUNDS {
                for _ in 0..DIGITS_EPOCHS {
                    for batch in self.rows[..self.first].chunks(DIGITS_BATCH) {
                        network.step(&batch.iter().collect::<Vec<_>>(), DIGITS_RATE);
                    }
                }
                course.push(self.right(&network));
            }
            course
        }

        fn right(&self, network: &Network) -> f64 {
            network.judge(&self.rows[self.first..]).1
        }
    }

    /// Prints the table of a study, for README.md.
    fn table(study: &Study, courses: &[(String, Course)]) {
        const AFTER: [usize; 5] = [1, 5, 10, 20, 40];
        let cells = |cells: [String; 5]| cells.join(" | ");
        eprintln!(
            "| {}: right after rounds | {} |",
            study.name,
            cells(AFTER.map(|r| r.to_string()))
        );
        eprintln!("|---|{}", "---|".repeat(AFTER.len()));
        for (name, course) in courses {
            let right = AFTER.map(|round| format!("{:.1} %", 100.0 * course[round]));
            eprintln!("| {name} | {} |", cells(right));
        }
        eprintln!();
    }

    /// Draws a panel for each study, and what the lines are.
    fn svg(panels: &[(&Study, Vec<(String, Course)>)]) -> String {
        const COLOURS: [&str; 7] =
            ["#000000", "#0072b2", "#56b4e9", "#009e73", "#d55e00", "#e69f00", "#cc79a7"];
        let style = |place: usize| {
            let dashes = if place == 0 { " stroke-dasharray=\"5 3\"" } else { "" };
            format!("stroke=\"{}\" stroke-width=\"1.8\"{dashes}", COLOURS[place])
        };
        let mut lines = vec![
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"930\" height=\"380\" \
             font-family=\"sans-serif\" font-size=\"12\">"
                .to_owned(),
            "<rect width=\"930\" height=\"380\" fill=\"#ffffff\"/>".to_owned(),
        ];
        let (top, width, height) = (30.0, 240.0, 220.0);
        for (panel, (study, courses)) in panels.iter().enumerate() {
            let left = 50.0 + 300.0 * panel as f64;
            let least = f64::from(study.least) / 100.0;
            let x = |round: usize| left + width * round as f64 / ROUNDS as f64;
            let y = |right: f64| top + height * (1.0 - (right.max(least) - least) / (1.0 - least));
            lines.push(format!("<text x=\"{left:.1}\" y=\"18\">{}</text>", study.name));
            for percent in (study.least..=100).step_by(10) {
                let at = y(f64::from(percent) / 100.0);
                lines.push(format!(
                    "<path d=\"M{left:.1} {at:.1}h{width:.1}\" stroke=\"#dddddd\"/>\
                     <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{percent} %</text>",
                    left - 6.0,
                    at + 4.0
                ));
            }
            for round in (0..=ROUNDS).step_by(10) {
                lines.push(format!(
                    "<text x=\"{:.1}\" y=\"268\" text-anchor=\"middle\">{round}</text>",
                    x(round)
                ));
            }
            let middle = left + width / 2.0;
            lines.push(format!(
                "<text x=\"{middle:.1}\" y=\"286\" text-anchor=\"middle\">rounds</text>"
            ));
            for (place, (_, course)) in courses.iter().enumerate() {
                let right = course.iter().enumerate();
                let points =
                    right.map(|(round, right)| format!("{:.1},{:.1}", x(round), y(*right)));
                let points = points.collect::<Vec<_>>().join(" ");
                let style = style(place);
                lines.push(format!("<polyline points=\"{points}\" fill=\"none\" {style}/>"));
            }
        }
        for (place, (name, _)) in panels[0].1.iter().enumerate() {
            // In one place, and then a column for each number of organizations.
            let (column, row) =
                if place == 0 { (0, 0) } else { (place.div_ceil(3), (place - 1) % 3) };
            let (left, at) = (50 + 220 * column, 314 + 22 * row);
            lines.push(format!(
                "<path d=\"M{left} {at}h24\" {}/><text x=\"{}\" y=\"{}\">{name}</text>",
                style(place),
                left + 30,
                at + 4
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
