//! What is wrong with the configuration: every problem, one line each, by variable and never by value.

use std::borrow::Cow;
use std::fmt;

/// What is wrong with one value; the text never repeats it.
pub(super) type Complaint = Cow<'static, str>;

pub(super) const NOT_UTF8: &str = "is not valid UTF-8";

/// One thing that is wrong.
#[derive(Debug, PartialEq, Eq)]
struct Problem {
    variable: &'static str,
    complaint: Complaint,
}

/// Everything that is wrong with a configuration; displays one line for each.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

/// The problem has been noted; there is no value to go on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Noted;

impl Problems {
    pub(super) fn note(
        &mut self,
        variable: &'static str,
        complaint: impl Into<Complaint>,
    ) -> Noted {
        if !self.is_garbled(variable) {
            let complaint = complaint.into();
            self.0.push(Problem {
                variable,
                complaint,
            });
        }
        Noted
    }

    /// Whatever else is said of a value that is not even text would only confuse.
    fn is_garbled(&self, variable: &str) -> bool {
        self.0
            .iter()
            .any(|problem| problem.variable == variable && problem.complaint == NOT_UTF8)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            let line_break = if index == 0 { "" } else { "\n" };
            write!(
                formatter,
                "{line_break}{} {}",
                problem.variable, problem.complaint
            )?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_problem_has_one_line() {
        let mut problems = Problems::default();
        problems.note("A", "is bad");
        problems.note("B", "is worse");

        assert_eq!(problems.to_string(), "A is bad\nB is worse");
    }

    #[test]
    fn a_garbled_value_is_complained_of_once() {
        let mut problems = Problems::default();
        problems.note("A", NOT_UTF8);
        problems.note("A", "is bad");

        assert_eq!(problems.to_string(), "A is not valid UTF-8");
    }
}
