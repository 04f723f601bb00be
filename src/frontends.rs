//! Front ends: wire format in, domain request; domain answer or error, wire format out.

pub mod api;
mod guard;
mod native;
pub mod operations;

#[cfg(feature = "dev")]
#[doc(hidden)]
pub use native::fuzzing;
