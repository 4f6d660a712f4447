"""Runs the test cases stored in flow documents and writes the result as JUnit XML (``ccc flows test``)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from ccc.errors import CccError, NotFoundError
from ccc.flow.analysis import NodeTypes
from ccc.flow.compile import CompiledFlow, compile_flow
from ccc.flow.document import FlowDocument
from ccc.flow.simulator import TestResult, run_test


@dataclass(frozen=True, slots=True)
class FlowTests:
    """The tests of one document. ``broken``: why it could not even be compiled."""

    name: str
    results: tuple[TestResult, ...] = ()
    broken: str | None = None
    took_s: float = 0.0

    @property
    def passed(self) -> bool:
        return self.broken is None and all(result.failure is None for result in self.results)


def test_flow(document: FlowDocument, registry: NodeTypes, others: Mapping[str, FlowDocument]) -> FlowTests:
    """Run every test case of a document; ``others`` are the flows it may run as sub-flows, by name."""
    load_flow = loader(registry, others)
    began = time.perf_counter()
    try:
        flow = compile_flow(document, registry)
    except CccError as error:
        return FlowTests(document.name, broken=error.message)
    results = tuple(run_test(flow, case, load_flow) for case in document.tests)
    return FlowTests(document.name, results, took_s=time.perf_counter() - began)


test_flow.__test__ = False  # type: ignore[attr-defined]  # a function to use, not a test to collect


def loader(registry: NodeTypes, others: Mapping[str, FlowDocument]) -> Callable[[str], CompiledFlow]:
    """``load_flow`` of the interpreter for flows that stand in documents; each is compiled when it is needed."""
    compiled: dict[str, CompiledFlow] = {}

    def load_flow(name: str) -> CompiledFlow:
        if name not in compiled:
            if name not in others:
                raise NotFoundError(f"flow {name!r} is not among the files; name its file too")
            compiled[name] = compile_flow(others[name], registry)
        return compiled[name]

    return load_flow


def junit(suites: Sequence[FlowTests]) -> str:
    """JUnit XML: one suite for each flow, one case for each test, times in virtual seconds of the call."""
    root = ElementTree.Element("testsuites", name="ccc flows test")
    for suite in suites:
        failures = sum(result.failure is not None for result in suite.results)
        element = ElementTree.SubElement(
            root,
            "testsuite",
            name=_xml(suite.name),
            tests=str(max(1, len(suite.results)) if suite.broken else len(suite.results)),
            failures=str(failures),
            errors="1" if suite.broken else "0",
            time=f"{suite.took_s:.3f}",
        )
        if suite.broken:
            case = ElementTree.SubElement(element, "testcase", classname=_xml(suite.name), name="compile", time="0")
            ElementTree.SubElement(case, "error", message=_xml(suite.broken))
        for result in suite.results:
            _case(element, suite.name, result)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _case(suite: ElementTree.Element, flow: str, result: TestResult) -> None:
    simulation = result.simulation
    case = ElementTree.SubElement(
        suite, "testcase", classname=_xml(flow), name=_xml(result.case.name), time=f"{simulation.duration_s:.3f}"
    )
    if result.failure is not None:
        ElementTree.SubElement(case, "failure", message=_xml(result.failure))
    out = ElementTree.SubElement(case, "system-out")
    out.text = _xml("\n".join(str(line) for line in simulation.transcript))


def _xml(text: str) -> str:
    """Without the characters XML 1.0 forbids."""
    return "".join(char if char in "\t\n\r" or (char >= " " and char not in "￾￿") else "�" for char in text)
