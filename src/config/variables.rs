//! How a variable is declared, gathered and read.

use std::collections::BTreeMap;
use std::ffi::OsString;

use super::problem::{Complaint, NOT_UTF8, Noted, Problems};
use crate::secret::Secret;

/// One row of the catalogue.
#[derive(Debug)]
pub(super) struct Variable {
    pub(super) group: &'static str,
    pub(super) name: &'static str,
    pub(super) default: Option<&'static str>,
    pub(super) description: &'static str,
    pub(super) secret: bool,
}

/// Tells secrets from texts in the catalogue.
pub(super) trait Kind {
    const SECRET: bool;
    #[cfg(test)]
    fn into_text(self) -> String;
}

impl Kind for String {
    const SECRET: bool = false;
    #[cfg(test)]
    fn into_text(self) -> String {
        self
    }
}

impl Kind for Secret {
    const SECRET: bool = true;
    #[cfg(test)]
    fn into_text(self) -> String {
        self.expose().to_owned()
    }
}

/// One variable as it was found: an empty value counts as not set.
#[derive(Clone)]
pub(super) struct Given<T> {
    pub(super) name: &'static str,
    pub(super) value: Option<T>,
    pub(super) default: Option<&'static str>,
}

impl<T> Given<T> {
    pub(super) fn is_set(&self) -> bool {
        self.value.is_some()
    }

    /// This variable, or where it is not set the other.
    pub(super) fn or<'a>(&'a self, other: &'a Self) -> &'a Self {
        if other.is_set() && !self.is_set() {
            other
        } else {
            self
        }
    }
}

impl Given<String> {
    /// What `reader` makes of the value, if there is one.
    pub(super) fn optional<T>(
        &self,
        problems: &mut Problems,
        reader: impl FnOnce(&str) -> Result<T, Complaint>,
    ) -> Result<Option<T>, Noted> {
        let Some(text) = self.value.as_deref().or(self.default) else {
            return Ok(None);
        };
        match reader(text) {
            Ok(value) => Ok(Some(value)),
            Err(complaint) => Err(problems.note(self.name, complaint)),
        }
    }

    /// What `reader` makes of the value or its default; neither being there is a problem.
    pub(super) fn required<T>(
        &self,
        problems: &mut Problems,
        reader: impl FnOnce(&str) -> Result<T, Complaint>,
    ) -> Result<T, Noted> {
        self.optional(problems, reader)?
            .ok_or_else(|| problems.note(self.name, "is not set"))
    }
}

/// Declares the catalogue, and with it the struct that all variables are gathered into.
/// A field is called like its variable, in lower case; `Secret` in place of `String` marks a secret.
macro_rules! catalogue {
    ($($group:literal { $(
        $field:ident: $kind:ty = $name:literal $(or $default:literal)?, $description:literal;
    )+ })+) => {
        #[derive(serde::Deserialize)]
        struct Gathered { $($($field: Option<$kind>,)+)+ }

        /// Every variable, as it was found in the environment.
        pub(super) struct Variables {
            $($(pub(super) $field: super::variables::Given<$kind>,)+)+
        }

        impl From<Gathered> for Variables {
            fn from(gathered: Gathered) -> Self {
                Self { $($($field: super::variables::Given {
                    name: $name,
                    value: gathered.$field,
                    default: super::variables::first(&[$($default)?]),
                },)+)+ }
            }
        }

        #[cfg(test)]
        impl Variables {
            fn found(self) -> Vec<(&'static str, Option<String>)> {
                vec![$($((
                    self.$field.name,
                    self.$field.value.map(super::variables::Kind::into_text),
                ),)+)+]
            }
        }

        /// Every variable, in the order of the documentation.
        pub(super) const CATALOGUE: &[super::variables::Variable] = &[$($(
            super::variables::Variable {
                group: $group,
                name: $name,
                default: super::variables::first(&[$($default)?]),
                description: $description,
                secret: <$kind as super::variables::Kind>::SECRET,
            },
        )+)+];
    };
}
pub(super) use catalogue;

pub(super) const fn first(defaults: &[&'static str]) -> Option<&'static str> {
    match defaults {
        [first, ..] => Some(*first),
        [] => None,
    }
}

/// Other programs read these in lower case too; there the lower-case one wins, as with curl.
const EITHER_CASE: [&str; 3] = ["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"];

/// The text of each variable that is in the catalogue and set.
pub(super) fn known(
    catalogue: &'static [Variable],
    environment: impl IntoIterator<Item = (OsString, OsString)>,
    problems: &mut Problems,
) -> BTreeMap<&'static str, String> {
    let mut known = BTreeMap::new();
    let mut in_lower_case = BTreeMap::new();
    for (name, value) in environment {
        let Some(name) = name.to_str() else { continue };
        if value.is_empty() {
            continue;
        }
        if let Some(exact) = canonical(catalogue, name) {
            known.insert(exact, text(exact, value, problems));
        } else if let Some(upper) = EITHER_CASE.into_iter().find(|upper| is_lower(upper, name)) {
            in_lower_case.insert(upper, text(upper, value, problems));
        }
    }
    known.append(&mut in_lower_case);
    known
}

fn canonical(catalogue: &'static [Variable], name: &str) -> Option<&'static str> {
    let mut names = catalogue.iter().map(|variable| variable.name);
    names.find(|known| *known == name)
}

fn is_lower(upper: &str, name: &str) -> bool {
    upper.to_ascii_lowercase() == name
}

/// What is not UTF-8 is noted, and read on as something that is set.
fn text(name: &'static str, value: OsString, problems: &mut Problems) -> String {
    value.into_string().unwrap_or_else(|garbled| {
        problems.note(name, NOT_UTF8);
        garbled.to_string_lossy().into_owned()
    })
}
