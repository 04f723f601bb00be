"""Checks of the alert rules and of the dashboard that need more than promtool. Each complaint is a line; none is success."""

import argparse
import itertools
import re
import sys

import yaml

import dashboard
import promql

# What Prometheus adds to each series, on Kubernetes by the PodMonitor.
OF_TARGETS = {"namespace", "pod", "job", "instance"}
# Variables of Grafana's own and of the dashboard.
VARIABLES = {"__rate_interval", "__range", "namespace", "pod"}


def rules(path):
    with open(path, encoding="utf-8") as file:
        groups = yaml.safe_load(file)["groups"]
    return [rule for group in groups for rule in group["rules"]]


def expressions(arguments):
    """Where each expression stands, and its legend."""
    for rule in rules(arguments.rules):
        yield rule["alert"], rule["expr"], ""
    for panel in dashboard.read(arguments.dashboard)["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"], target["legendFormat"]
    for path in arguments.pages:
        with open(path, encoding="utf-8") as file:
            for block in re.findall(r"```promql\n(.*?)```", file.read(), re.DOTALL):
                yield path, block, ""


def names(arguments):
    """Metrics and labels in alerts, dashboard and documents are those of running daemons."""
    known = {}
    for path in arguments.metrics:
        with open(path, encoding="utf-8") as file:
            for name, labels in promql.exported(file.read()).items():
                known.setdefault(name, set()).update(labels)
    for place, expression, legend in expressions(arguments):
        expression = expression.replace("$__rate_interval", "5m").replace("$__range", "5m")
        metrics, grouped = promql.names(expression)
        for name, labels in metrics.items():
            if name not in known:
                yield f"{place}: there is no metric {name}"
            elif strange := labels - known[name] - OF_TARGETS:
                yield f"{place}: {name} has no label {', '.join(sorted(strange))}"
        of_all = OF_TARGETS.union(*(known.get(name, ()) for name in metrics))
        shown = set(re.findall(r"\{\{(\w+)\}\}", legend))
        if strange := grouped - of_all:
            yield f"{place}: no metric of it has a label {', '.join(sorted(strange))}"
        if strange := shown - grouped:
            yield f"{place}: the legend shows {', '.join(sorted(strange))}, which is not grouped by"


def tested(arguments):
    """Each alert has a unit test in which it fires, and one in which it does not."""
    with open(arguments.tests, encoding="utf-8") as file:
        cases = [case for test in yaml.safe_load(file)["tests"] for case in test["alert_rule_test"]]
    for alert in (rule["alert"] for rule in rules(arguments.rules)):
        outcomes = {bool(case["exp_alerts"]) for case in cases if case["alertname"] == alert}
        if True not in outcomes:
            yield f"{alert} does not fire in any unit test"
        if False not in outcomes:
            yield f"{alert} has no unit test in which it does not fire"


def overlap(one, other):
    def apart(edge, size):
        return one[edge] + one[size] <= other[edge] or other[edge] + other[size] <= one[edge]

    return not apart("x", "w") and not apart("y", "h")


def panels(arguments):
    """The dashboard is one that Grafana shows as it is meant."""
    board = dashboard.read(arguments.dashboard)
    all_panels = board["panels"]
    declared = {variable["name"] for variable in board["templating"]["list"]}
    if declared != {"datasource", "namespace", "pod"}:
        yield f"variables: {sorted(declared)}"
    for key in ("id", "title"):
        values = [panel[key] for panel in all_panels]
        if len(set(values)) < len(values):
            yield f"the same {key} twice"
    for one, other in itertools.combinations(all_panels, 2):
        if overlap(one["gridPos"], other["gridPos"]):
            yield f"{one['title']} and {other['title']} overlap"
    for panel in all_panels:
        place = panel["gridPos"]
        if place["x"] + place["w"] > 24:
            yield f"{panel['title']}: wider than the dashboard"
        if not panel["description"] or not panel["fieldConfig"]["defaults"]["unit"]:
            yield f"{panel['title']}: no description or unit"
        for part in (panel, *panel["targets"]):
            if part["datasource"] != {"type": "prometheus", "uid": "${datasource}"}:
                yield f"{panel['title']}: not the chosen data source"
        for target in panel["targets"]:
            if strange := set(re.findall(r"\$(\w+)", target["expr"])) - VARIABLES:
                yield f"{panel['title']}: unknown variables {sorted(strange)}"
            for name in ("namespace", "pod"):
                if f'{name}=~"${name}"' not in target["expr"]:
                    yield f"{panel['title']}: {name} is not chosen by its variable"


def queries(arguments):
    """Every query of the dashboard returns numbers from a Prometheus that scrapes daemons under load."""
    for panel in dashboard.read(arguments.dashboard)["panels"]:
        for target in panel["targets"]:
            expression = dashboard.substituted(target["expr"], "30s", "5m")
            if not dashboard.instant(arguments.prometheus, expression):
                yield f"{panel['title']}: no data from {expression}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("check", choices=["names", "tested", "panels", "queries"])
    parser.add_argument("--rules")
    parser.add_argument("--dashboard")
    parser.add_argument("--tests")
    parser.add_argument("--prometheus")
    parser.add_argument("--metrics", nargs="*")
    parser.add_argument("--pages", nargs="*", default=[])
    arguments = parser.parse_args()
    complaints = list(globals()[arguments.check](arguments))
    for complaint in complaints:
        print(f"            {complaint}")
    sys.exit(1 if complaints else 0)


main()
