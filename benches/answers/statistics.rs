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

/// Measures two sides in turns, who begins alternating, and prints the medians and that of the rounds' ratios.
pub(crate) fn compare(
    unit: &str,
    rounds: usize,
    mut ours: impl FnMut() -> f64,
    mut theirs: impl FnMut() -> f64,
) {
    let mut measured = Vec::new();
    for round in 0..rounds {
        measured.push(if round.is_multiple_of(2) {
            let first = ours();
            (first, theirs())
        } else {
            let first = theirs();
            (ours(), first)
        });
    }
    let ratios: Vec<f64> = measured
        .iter()
        .map(|(ours, theirs)| ours / theirs)
        .collect();
    let (ours, theirs): (Vec<f64>, Vec<f64>) = measured.into_iter().unzip();
    let (lowest, highest) = range(&ratios);
    println!("  laredo           {:9.0} {unit}", median(ours));
    println!("  compared with    {:9.0} {unit}", median(theirs));
    println!(
        "  ratio            {:9.3} (median of {rounds} rounds, {lowest:.3} to {highest:.3})",
        median(ratios)
    );
}
