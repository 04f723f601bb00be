//! One request to one identity provider.

mod answer;
