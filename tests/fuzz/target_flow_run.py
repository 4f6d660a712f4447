"""Flow documents all the way: read, check, compile, and run their stored tests in the simulator."""

from ccc.errors import CccError
from ccc.flow.compile import compile_flow
from ccc.flow.document import load_document
from ccc.flow.simulator import run_test
from ccc.loader import load
from tests.fuzz.mutate import mutate_json
from tests.fuzz.target_flow import SEEDS as _SEEDS

SEEDS = _SEEDS[1:]
EXPECTED = (CccError,)
MUTATE = mutate_json
_REGISTRY = load(entry_points=False)


def feed(data: bytes) -> None:
    """Read, compile, run two tests."""
    document = load_document(data)
    flow = compile_flow(document, _REGISTRY)
    for case in document.tests[:2]:
        run_test(flow, case)
