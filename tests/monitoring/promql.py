"""Which metrics and labels a PromQL expression names."""

import re
from collections import defaultdict

TOKEN = re.compile(
    r"""(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<range>\[[^\]]*\])
      | (?P<number>\d[\w.]*)
      | (?P<name>[A-Za-z_:][\w:]*)
      | (?P<sign>=~|!~|!=|==|<=|>=|[^\s\w])
      | (?P<space>\s+)""",
    re.VERBOSE,
)
OPERATORS = {"and", "or", "unless", "bool", "offset"}
GROUPING = {"by", "without", "on", "ignoring", "group_left", "group_right"}


def tokens(expression):
    found = [(match.lastgroup, match.group()) for match in TOKEN.finditer(expression)]
    if "".join(text for _, text in found) != expression:
        raise ValueError(f"cannot be read: {expression}")
    return [token for token in found if token[0] != "space"]


def names(expression):
    """The metrics, each with the labels that its selectors match, and the labels that results are grouped by."""
    metrics, grouped = defaultdict(set), set()
    rest = tokens(expression)
    index = 0
    while index < len(rest):
        kind, text = rest[index]
        following = rest[index + 1][1] if index + 1 < len(rest) else ""
        if kind == "name" and text in GROUPING:
            end = rest.index(("sign", ")"), index)
            grouped |= {name for kind, name in rest[index + 1 : end] if kind == "name"}
            index = end
        elif kind == "name" and following == "{":
            end = rest.index(("sign", "}"), index)
            metrics[text] |= {name for kind, name in rest[index + 1 : end] if kind == "name"}
            index = end
        elif kind == "name" and following not in {"(", *GROUPING} and text not in OPERATORS:
            metrics[text] |= set()
        index += 1
    return dict(metrics), grouped


def exported(text):
    """The series' names in Prometheus' text format, each with its labels."""
    series = defaultdict(set)
    for line in text.splitlines():
        if match := re.match(r"([A-Za-z_:][\w:]*)(?:\{(.*)\})? ", line):
            series[match[1]] |= set(re.findall(r'(\w+)="(?:[^"\\]|\\.)*"', match[2] or ""))
    return dict(series)
