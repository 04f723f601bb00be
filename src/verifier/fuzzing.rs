//! What the fuzz targets (`fuzz`) have to see of a key set, and nobody else may. No production build has it.

use std::sync::Arc;

use super::KeySet;

/// How many keys of the set can be used.
#[must_use]
pub fn count(set: &KeySet) -> usize {
    set.count()
}

/// Whether both hold the very same keys by the same names.
#[must_use]
pub fn are_the_same(one: &KeySet, other: &KeySet) -> bool {
    let is_in_other = |(id, key): (&str, &Arc<_>)| other.holds(id, key);
    one.count() == other.count() && one.iter().all(is_in_other)
}
