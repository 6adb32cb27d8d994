//! The partial likelihood and its derivatives, from sums over rows at risk.

use anchorhold_sdk::newton::{Evaluation, Model, Symmetric};

use crate::plan::Row;
use crate::times::EventTime;

/// Where the logarithm of a row's hazard, beside that of average columns, is cut: there, sums over rows with
/// the smallest hazards still have as many digits as a double.
const FARTHEST: f64 = 20.0;

/// Returns what no sum of a party with so many rows is above, in its absolute value.
pub fn largest_sum(rows: u64) -> f64 {
    // At most 2^20: the cast loses nothing. Features are at most 2 from their average.
    4.0 * rows as f64 * libm::exp(FARTHEST)
}

/// The rows of one party, and what there is at each time with events.
pub struct Hazards<'a> {
    pub rows: Vec<Row>,
    pub width: usize,
    pub times: &'a [EventTime],
    /// How many events there are at each of them, as seat 0 knows.
    pub events: Vec<u64>,
}

/// Where sums are in a vector: how many rows were cut, the predictors and the features of rows with events,
/// and then, of each time, those over rows at risk and over tied events.
impl Hazards<'_> {
    /// How many sums are over one group of rows: of e^(xb), of x e^(xb) and of xx' e^(xb).
    fn group(&self) -> usize {
        1 + self.width + Symmetric::entries(self.width)
    }

    fn first_group(&self) -> usize {
        2 + self.width
    }

    fn tied(&self) -> impl Iterator<Item = usize> {
        let tied = self.times.iter().enumerate().filter(|(_, time)| time.tied);
        tied.map(|(place, _)| place)
    }

    fn add(&self, group: &mut [f64], features: &[f64], hazard: f64) {
        group[0] += hazard;
        let mut place = 1 + self.width;
        for (i, x) in features.iter().enumerate() {
            group[1 + i] += hazard * x;
            for y in &features[..=i] {
                group[place] += hazard * x * y;
                place += 1;
            }
        }
    }
}

impl Model for Hazards<'_> {
    fn own(&self, coefficients: &[f64]) -> Vec<f64> {
        let (group, first) = (self.group(), self.first_group());
        let mut sums = vec![0.0; first + self.times.len() * group];
        let mut of_tied = vec![0.0; self.times.len() * group];
        for Row { cell, event, features } in &self.rows {
            let predictor: f64 = features.iter().zip(coefficients).map(|(x, b)| x * b).sum();
            // Not so for what is no number.
            let is_near = predictor.abs() <= FARTHEST;
            let predictor = if is_near { predictor } else { 0.0 };
            sums[0] += f64::from(u8::from(!is_near));
            let hazard = libm::exp(predictor);
            if *event {
                sums[1] += predictor;
                sums[2..first].iter_mut().zip(features).for_each(|(sum, x)| *sum += x);
            }
            // The last time with events at which the row is at risk.
            let until = self.times.partition_point(|time| time.cell as usize <= *cell);
            let Some(last) = until.checked_sub(1) else { continue };
            self.add(&mut sums[first + last * group..][..group], features, hazard);
            if *event && self.times[last].tied {
                self.add(&mut of_tied[last * group..][..group], features, hazard);
            }
        }
        // It is also at risk at all times before.
        for place in (first..sums.len().saturating_sub(group)).rev() {
            sums[place] += sums[place + group];
        }
        for place in self.tied() {
            sums.extend(&of_tied[place * group..][..group]);
        }
        sums
    }

    fn evaluate(&self, sums: &[f64]) -> Evaluation {
        let (group, width) = (self.group(), self.width);
        let (totals, groups) = sums.split_at(self.first_group());
        let (at_risk, tied) = groups.split_at(self.times.len() * group);
        let mut of_tied = tied.chunks_exact(group);
        // A row with a hazard that is not right is as good as no likelihood.
        let mut loss = if totals[0] != 0.0 { f64::INFINITY } else { -totals[1] };
        let mut gradient: Vec<f64> = totals[2..].iter().map(|x| -x).collect();
        let mut hessian = vec![0.0; Symmetric::entries(width)];
        let mut magnitude = vec![0.0; width];
        let times = self.times.iter().zip(&self.events).zip(at_risk.chunks_exact(group));
        for ((time, events), at_risk) in times {
            let tied = if time.tied { of_tied.next() } else { None };
            // Without sums over tied events, each event weighs the same.
            let (each, weight) = if tied.is_some() { (*events, 1.0) } else { (1, *events as f64) };
            for before in 0..each {
                let gone = before as f64 / each as f64;
                let sum =
                    |place: usize| at_risk[place] - gone * tied.map_or(0.0, |tied| tied[place]);
                let all = sum(0);
                loss += weight * libm::log(all);
                let mean: Vec<f64> = (1..=width).map(|place| sum(place) / all).collect();
                let mut place = 0;
                for i in 0..width {
                    gradient[i] += weight * mean[i];
                    for j in 0..=i {
                        let square = sum(1 + width + place) / all;
                        hessian[place] += weight * (square - mean[i] * mean[j]);
                        place += 1;
                        if i == j {
                            magnitude[i] += weight * square;
                        }
                    }
                }
            }
        }
        Evaluation { loss, gradient, hessian: Symmetric::new(width, hessian), magnitude }
    }
}
