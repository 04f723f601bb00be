"""Draws the dashboard's panels from the answers of a Prometheus: draw.py DASHBOARD PROMETHEUS PICTURE."""

import io
import math
import sys
import time

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.ticker import MultipleLocator  # noqa: E402
from PIL import Image  # noqa: E402

import dashboard  # noqa: E402

SECONDS = 300
STEP = 2
UNITS = {
    "percentunit": lambda value: f"{value * 100:.3g} %",
    "bytes": lambda value: f"{value / 2**20:.3g} MiB",
    "reqps": lambda value: f"{value:.3g}/s",
    "none": lambda value: f"{value:.2g}",
    "short": lambda value: f"{value:.0f}",
}
INK, FAINT, PAPER, CARD = "#33383e", "#8a929b", "#eef0f2", "#ffffff"


def seconds(value):
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if abs(value) >= size:
            return f"{value / size:.3g} {unit}"
    return "0 s"


def written(panel, value):
    return UNITS.get(panel["fieldConfig"]["defaults"]["unit"], seconds)(value)


def numbers(axes, panel, prometheus):
    shown = []
    for target in panel["targets"]:
        expression = dashboard.substituted(target["expr"], "20s", f"{SECONDS}s")
        for labels, value in dashboard.instant(prometheus, expression):
            name = dashboard.legend(target["legendFormat"], labels)
            shown.append(f"{name}: {written(panel, value)}" if name else written(panel, value))
    axes.text(0.5, 0.42, "\n".join(shown) or "–", ha="center", va="center", fontsize=17, color=INK)
    axes.set_xticks([])
    axes.set_yticks([])


def series(panel, prometheus):
    now = time.time()
    for target in panel["targets"]:
        expression = dashboard.substituted(target["expr"], "20s", f"{SECONDS}s")
        answer = dashboard.query(
            prometheus, "query_range", query=expression, start=now - SECONDS, end=now, step=STEP
        )
        for one in answer["result"]:
            points = [(float(at) - now, float(value)) for at, value in one["values"]]
            points = [point for point in points if math.isfinite(point[1])]
            if points:
                yield dashboard.legend(target["legendFormat"], one["metric"]), points


def lines(axes, panel, prometheus):
    drawn = list(series(panel, prometheus))
    for name, points in drawn:
        axes.plot([at / 60 for at, _ in points], [value for _, value in points], label=name, linewidth=1.3)
    if panel["fieldConfig"]["defaults"]["unit"] == "bytes":
        axes.yaxis.set_major_locator(MultipleLocator(2**21))
    axes.yaxis.set_major_formatter(lambda value, _: written(panel, value))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0f} min")
    axes.set_xlim(-SECONDS / 60, 0)
    limits = panel["fieldConfig"]["defaults"]
    if "axisSoftMin" in limits["custom"]:
        axes.set_ylim(limits["custom"]["axisSoftMin"], limits["custom"]["axisSoftMax"])
    if "min" in limits:
        axes.set_ylim(bottom=limits["min"], top=limits["max"] * 1.02 if "max" in limits else None)
    axes.grid(color="#e4e7ea", linewidth=0.6)
    axes.tick_params(labelsize=7, colors=FAINT, length=0)
    axes.legend(
        fontsize=6, ncols=3, frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.1), labelcolor=INK
    )


def main():
    board, prometheus, picture = dashboard.read(sys.argv[1]), sys.argv[2], sys.argv[3]
    rows = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in board["panels"])
    figure = plt.figure(figsize=(12, rows * 0.3), facecolor=PAPER)
    for panel in board["panels"]:
        place = panel["gridPos"]
        is_number = panel["type"] == "stat"
        top, bottom = (0.9, 0.2) if is_number else (1.2, 2.5)
        left = 0.25 if is_number else 1.4
        x, width = (place["x"] + left) / 24, (place["w"] - left - 0.25) / 24
        y = 1 - (place["y"] + place["h"] - bottom) / rows
        axes = figure.add_axes([x, y, width, (place["h"] - top - bottom) / rows], facecolor=CARD)
        for side in axes.spines.values():
            side.set_color("#d5d9dd")
        axes.set_title(panel["title"], fontsize=9, color=INK, loc="left")
        (numbers if is_number else lines)(axes, panel, prometheus)
    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=90, facecolor=PAPER)
    plt.close(figure)
    # Few colours make a small file.
    Image.open(drawn).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(picture, optimize=True)


main()
