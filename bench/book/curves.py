"""Hold fastnn.book against the curves that the book's author published, epoch by epoch.

    python -m bench.book.curves FOLDER [--out RESULTS.json] [--write]

FOLDER has the JSON files of the book's repository (folder fig/), as far as wanted: overfitting,
regularized, overfitting_full, regularized_full, multiple_eta, weight_initialization_30 and _100,
more_data. Each is trained again from the author's seeds. Beside it stands how far the book's own
code, sample by sample in NumPy, drifts from itself if its weights are a unit in the last place
larger, for the first epochs. `--from RESULTS.json` trains nothing and takes that file's figures.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np

from bench import pages
from bench.book import author
from bench.book.experiment import RESULTS
from bench.suite import machine
from fastnn.files import atomic_write

LIMIT = 1e-4  # curves part where a cost differs by more
MOST = 200_000  # samples that the book's own code trains on
DISTURBED = ["overfitting_full", "regularized_full", "multiple_eta"]  # those that part, or nearly


def compare(one, other):
    """How two trainings' curves agree: costs and accuracies of the evaluation, of the training.

    epochs      how many were compared
    difference  the largest of a cost, before they part; None without costs
    parts       the first epoch whose costs differ by more than LIMIT, None if none does
    accuracies  how many were compared
    differing   how many of them are not equal
    first       the first epoch with such a one, None without
    """
    lengths = [[len(curve) for curve in curves] for curves in (one, other)]
    if lengths[0] != lengths[1]:
        raise ValueError(f"expected curves of the same lengths, got {lengths[0]} and {lengths[1]}")
    epochs = max(lengths[0])
    pairs = [np.array(pair, float) for pair in zip(one, other)]
    costs = [abs(a - b) for a, b in pairs[0::2] if len(a)]
    unequal = [a != b for a, b in pairs[1::2] if len(a)]
    worst = np.max(costs, axis=0) if costs else np.zeros(0)
    apart = np.flatnonzero(~(worst <= LIMIT))  # NaN as well
    together = worst[: apart[0]] if len(apart) else worst
    wrong = np.flatnonzero(np.any(unequal, axis=0)) if unequal else []
    return {
        "epochs": epochs,
        "difference": float(together.max()) if len(together) else None,
        "parts": int(apart[0]) if len(apart) else None,
        "accuracies": sum(map(len, unequal)),
        "differing": int(np.sum(unequal)),
        "first": int(wrong[0]) if len(wrong) else None,
    }


def measure(folder, data=None, most=MOST):
    """A row for each of the author's curves whose file is in the folder."""
    rows = []
    for name in author.EXPERIMENTS:
        path = folder / f"{name}.json"
        if not path.exists():
            continue
        ours, his, drift = author.train(name, data=data), author.published(path), {}
        if name in DISTURBED:
            runs = [author.train(name, n, data, most) for n in (author.PerSample, author.Disturbed)]
            drift = {part: compare(runs[0][part], runs[1][part]) for part in ours}
        for (part, curves), theirs in zip(ours.items(), his, strict=True):
            row = {"file": name, "part": part, "author": compare(curves, theirs)}
            rows.append({**row, "disturbed": drift.get(part)})
            print(json.dumps(rows[-1]), file=sys.stderr)
    if not rows:
        raise FileNotFoundError(f"{folder}: expected files such as overfitting.json, found none")
    return rows


def markdown(results):
    """The lines of the table."""
    origin = results["machine"]
    lines = [
        f"fastnn beside the author's figures, and the book's code beside itself disturbed, by"
        f" `python -m bench.book.curves` ({origin['cpu']}, {results['date']}; epochs count from 0;"
        f" curves part where a cost differs by more than {LIMIT:g}).",
        "",
        "| the author's curve | epochs | largest difference of a cost | accuracies that differ "
        "| the book's code, disturbed: epochs | largest difference | accuracies that differ |",
        "| --- | --: | --- | --- | --: | --- | --- |",
    ]
    for row in results["rows"]:
        his, drift = row["author"], row["disturbed"]
        name = f"{row['file']}, {row['part']}" if row["part"] else row["file"]
        beside = [str(drift["epochs"]), _costs(drift), _accuracies(drift)] if drift else ["–"] * 3
        cells = [name, str(his["epochs"]), _costs(his), _accuracies(his), *beside]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _costs(figures):
    if figures["parts"] is None:
        return "–" if figures["difference"] is None else f"{figures['difference']:.0e}"
    if figures["difference"] is None:
        return f"part at epoch {figures['parts']}"
    return f"{figures['difference']:.0e}, part at epoch {figures['parts']}"


def _accuracies(figures):
    if not figures["accuracies"]:
        return "–"
    if not figures["differing"]:
        return f"none of {figures['accuracies']}"
    return f"{figures['differing']} of {figures['accuracies']}, first at epoch {figures['first']}"


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?", help="of the author's JSON files")
    parser.add_argument("--out", type=Path, default=RESULTS / "curves.json")
    parser.add_argument("--write", action="store_true", help="put it into its page as well")
    pages.add_root(parser)
    parser.add_argument("--from", type=Path, dest="source", help="figures that are there already")
    chosen = parser.parse_args(argv)
    if (chosen.folder is None) == (chosen.source is None):
        parser.error("expected the author's folder, or --from RESULTS.json")
    if chosen.source is not None:
        results = json.loads(chosen.source.read_text(encoding="utf-8"))
    else:
        results = {
            "machine": machine.describe(),
            "date": time.strftime("%Y-%m-%d"),
            "rows": measure(chosen.folder),
        }
        chosen.out.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(chosen.out) as file:
            file.write(json.dumps(results, indent=1).encode())
    lines = markdown(results)
    print("\n".join(lines))
    if chosen.write:
        pages.write("curves", lines, chosen.root)


if __name__ == "__main__":
    main()
