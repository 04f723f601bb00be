"""The dashboard's panels, and what Prometheus answers to their queries."""

import json
import math
import re
import urllib.parse
import urllib.request


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def substituted(expression, interval, span):
    """As Grafana would send it with everything selected."""
    values = {"__rate_interval": interval, "__range": span, "namespace": ".*", "pod": ".*"}
    return re.sub(r"\$(\w+)", lambda match: values[match[1]], expression)


def query(prometheus, path, **parameters):
    """Data of Prometheus' HTTP API."""
    url = f"{prometheus}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(url, timeout=10) as answer:
        return json.load(answer)["data"]


def instant(prometheus, expression):
    """Labels and value of each series that is a number now."""
    result = query(prometheus, "query", query=expression)["result"]
    pairs = [(series["metric"], float(series["value"][1])) for series in result]
    return [(labels, value) for labels, value in pairs if math.isfinite(value)]


def legend(template, labels):
    return re.sub(r"\{\{(\w+)\}\}", lambda match: labels.get(match[1], ""), template)
