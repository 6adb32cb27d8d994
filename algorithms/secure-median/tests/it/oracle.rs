//! The same of sorted values.

use serde_json::Value;

/// Returns what is to be found, written as the algorithm does.
pub fn find(values: &[i64], find: &Value) -> String {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let count = sorted.len();
    if find == "median" {
        let twice = sorted[(count - 1) / 2] + sorted[count / 2];
        let sign = if twice < 0 { "-" } else { "" };
        return format!("{sign}{}.{}", twice.abs() / 2, twice.abs() % 2 * 5);
    }
    if let Some(part) = find["quantile"].as_f64() {
        // The first of which enough are not above it.
        let enough = |value: &&i64| {
            let not_above = sorted.iter().filter(|other| other <= value).count();
            not_above as f64 >= part * count as f64 - 1e-9
        };
        return sorted.iter().find(enough).unwrap().to_string();
    }
    sorted[find["kth"].as_u64().unwrap() as usize - 1].to_string()
}
