"""Run the measurements: each module in bench/measurements/ offers ``measure() -> Iterator[Figure]``."""

from __future__ import annotations

import importlib
import pkgutil
import sys
import traceback

from bench import measurements


def main(wanted: list[str]) -> int:
    """Print one JSON line a figure; return 1 when one misses its limit or could not be taken."""
    known = sorted(module.name for module in pkgutil.iter_modules(measurements.__path__))
    unknown = [name for name in wanted if name not in known]
    if not known:
        print("✗ bench/measurements/ 里还没有任何测量。", file=sys.stderr)
        return 2
    if unknown:
        print(f"✗ 没有名为 {'、'.join(unknown)} 的测量。现有：{'、'.join(known)}", file=sys.stderr)
        return 2
    return int(not all([_run(name) for name in known if not wanted or name in wanted]))


def _run(name: str) -> bool:
    module = importlib.import_module(f"bench.measurements.{name}")
    fine = True
    try:
        for figure in module.measure():
            print(figure.as_line(), flush=True)
            fine = fine and figure.is_ok
    except Exception:  # one measurement that breaks must not hide the others
        traceback.print_exc()
        print(f"✗ 测量 {name} 没有完成，原因见上。", file=sys.stderr)
        return False
    return fine


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
