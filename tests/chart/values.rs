//! The values of the chart: as much of YAML as `values.yaml` and the value sets beside it are written in.

/// One value, or a group of them.
pub struct Value {
    /// Such as `image.tag`.
    pub path: String,
    /// What stands after the colon; nothing for a group.
    pub text: String,
    /// The comment above it that begins with `# --`.
    pub description: String,
    /// The comment `# @default --`, which stands in for a default that reads badly.
    pub default: Option<String>,
}

/// Every key of maps, in order, those in lists left out.
pub fn values(yaml: &str) -> Vec<Value> {
    let (mut values, mut path) = (Vec::new(), Vec::<(usize, String)>::new());
    let (mut description, mut default) = (String::new(), None);
    for line in yaml.lines() {
        let text = line.trim_start();
        let indent = line.len() - text.len();
        if let Some(begin) = text.strip_prefix("# -- ") {
            description = begin.to_owned();
        } else if let Some(said) = text.strip_prefix("# @default -- ") {
            default = Some(said.to_owned());
        } else if let Some(more) = text.strip_prefix("# ").filter(|_| !description.is_empty()) {
            description = format!("{description} {more}");
        } else if let Some((key, text)) = key(text) {
            path.retain(|(outer, _)| *outer < indent);
            path.push((indent, key));
            let names: Vec<_> = path.iter().map(|(_, name)| name.as_str()).collect();
            values.push(Value {
                path: names.join("."),
                text,
                description: std::mem::take(&mut description),
                default: default.take(),
            });
        } else {
            description.clear();
        }
    }
    values
}

fn key(text: &str) -> Option<(String, String)> {
    let (key, value) = text.split_once(':')?;
    let is_key = !text.starts_with(['#', '-']) && (value.is_empty() || value.starts_with(' '));
    is_key.then(|| (key.trim_matches('"').to_owned(), value.trim().to_owned()))
}

/// The table of the chart's README.
pub fn table(values: &[Value]) -> String {
    let rows = values.iter().filter(|value| !value.description.is_empty());
    let rows = rows.map(|value| {
        let Value {
            path,
            text,
            description,
            ..
        } = value;
        let default = value
            .default
            .clone()
            .unwrap_or_else(|| match text.as_str() {
                "" => "see `values.yaml`".to_owned(),
                text => format!("`{text}`"),
            });
        format!("| `{path}` | {default} | {description} |\n")
    });
    format!(
        "| value | default | meaning |\n|---|---|---|\n{}",
        rows.collect::<String>()
    )
}
