//! Secrets in memory are nobody else's, not even of another process of the same user.

use rustix::io::Result;
use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// From now on there is no core dump, and no debugger or other process of the same user reads our memory or
/// environment. Calling it again changes nothing.
///
/// # Errors
/// If the system refuses.
pub(super) fn keep_memory_private() -> Result<()> {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let hidden = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    setrlimit(Resource::Core, none).and(hidden)
}
