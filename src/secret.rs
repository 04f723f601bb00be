//! A string that cannot be printed or serialized by accident and is wiped when it is dropped.

mod source;

use std::fmt;

use serde::Deserialize;
use zeroize::Zeroizing;

pub use source::{Shape, Unusable};

/// A secret string. [`Secret::expose`] is the only way to its text, so that a search finds every use.
///
/// ```compile_fail
/// println!("{}", laredo::secret::Secret::from("hunter2".to_owned()));
/// ```
/// ```compile_fail
/// serde_json::to_string(&laredo::secret::Secret::from("hunter2".to_owned()));
/// ```
/// ```compile_fail
/// let _: String = laredo::secret::Secret::from("hunter2".to_owned()).into();
/// ```
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The text itself. Call it only where the bytes leave the process, or to check their shape.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_hides_the_text() {
        let secret = Secret::from("hunter2".to_owned());

        assert_eq!(format!("{secret:?}"), "[secret]");
        assert_eq!(format!("{:?}", Some(&secret)), "Some([secret])");
    }

    #[test]
    fn a_dropped_secret_is_wiped() {
        fn is_wiped_on_drop<T: zeroize::ZeroizeOnDrop>(_: &T) {}

        is_wiped_on_drop(&Secret::from("hunter2".to_owned()).0);
    }
}
