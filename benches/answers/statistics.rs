//! The middle of several measurements.

/// The median; of an even number the mean of the middle two.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = values.get(middle).expect("at least one measurement");
    match values.len() % 2 {
        0 => f64::midpoint(*values.get(middle - 1).expect("two at least"), *upper),
        _ => *upper,
    }
}

/// The smallest and the largest.
pub(crate) fn range(values: &[f64]) -> (f64, f64) {
    let smallest = values.iter().copied().fold(f64::INFINITY, f64::min);
    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    (smallest, largest)
}
