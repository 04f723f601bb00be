//! A random text that is put wherever a secret or a stranger's words may be, and the search for its traces.

use std::collections::HashSet;

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};

/// Bytes in a row by which a trace is recognised.
const WINDOW: usize = 12;
const LENGTH: usize = 32;

pub struct Marker {
    text: String,
    traces: HashSet<[u8; WINDOW]>,
}

impl Marker {
    pub fn random() -> Self {
        Self::of((0..LENGTH).map(|_| fastrand::alphanumeric()).collect())
    }

    /// One that is a secret by itself.
    pub fn of(text: String) -> Self {
        let forms = [text.clone(), text.to_lowercase(), text.to_uppercase()];
        let forms = forms.into_iter().chain(encoded(&text));
        let traces = forms
            .flat_map(|form| windows(form.as_bytes()).collect::<Vec<_>>())
            .collect();
        Self { text, traces }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// The place of the first trace, with what is around it.
    pub fn trace_in(&self, said: &[u8]) -> Option<String> {
        let place = windows(said).position(|window| self.traces.contains(&window))?;
        let around = &said[place.saturating_sub(200)..said.len().min(place + 100)];
        Some(String::from_utf8_lossy(around).into_owned())
    }

    pub fn assert_absent(&self, place: &str, said: &[u8]) {
        if let Some(around) = self.trace_in(said) {
            panic!("{place} shows the marker {}: {around}", self.text);
        }
    }
}

fn windows(bytes: &[u8]) -> impl Iterator<Item = [u8; WINDOW]> {
    bytes
        .windows(WINDOW)
        .map(|window| window.try_into().unwrap())
}

/// As base64 in each of three alignments, as hexadecimal digits, in a URL and in JSON.
fn encoded(text: &str) -> Vec<String> {
    let each = |write: fn(u8) -> String| text.bytes().map(write).collect::<String>();
    let mut forms = vec![
        each(|byte| format!("{byte:02x}")),
        each(|byte| format!("{byte:02X}")),
        each(|byte| format!("%{byte:02X}")),
        each(|byte| format!("%{byte:02x}")),
        each(|byte| format!("\\u{byte:04x}")),
        each(|byte| format!("\\u{byte:04X}")),
        each(|byte| format!("{byte}, ")),
    ];
    for skipped in 0..3 {
        // Only whole groups of three: what is beside the text would show in the others.
        let whole = (text.len() - skipped) / 3 * 3;
        let part = &text[skipped..skipped + whole];
        forms.push(BASE64_STANDARD.encode(part));
        forms.push(BASE64_URL_SAFE_NO_PAD.encode(part));
    }
    forms
}

#[test]
fn traces_are_found_in_every_form() {
    let marker = Marker::random();
    let text = marker.text();
    let mut forms = encoded(text);
    forms.push(text.to_owned());
    forms.push(text[7..19].to_owned());
    forms.push(BASE64_STANDARD.encode(format!("id:{text}")));
    forms.push(BASE64_STANDARD.encode(format!("{{\"{text}\"}}")));

    for form in forms {
        assert!(marker.trace_in(format!("a{form}b").as_bytes()).is_some());
    }
    assert!(marker.trace_in(&text.as_bytes()[..11]).is_none());
}
