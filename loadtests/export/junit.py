"""JUnit XML for CI servers: a case per objective, and one for whether the run may be trusted."""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from loadtests.export import words
from loadtests.export.summary import ObjectiveResult, Summary


def junit(summary: Summary) -> str:
    """One suite, as the Ant JUnit schema has it.

    A missed objective is a failure, one that could not be measured an error. The last case, `the
    run is valid`, is an error when the tester or the embedded stack was the bottleneck, or the run
    did not reach its end.
    """
    suite = Element("testsuite", name=f"matchnight.{summary.scenario}")
    suite.set("timestamp", summary.started)
    suite.set("time", f"{summary.duration:.3f}")
    for result in summary.objectives:
        _judge(_case(suite, result.name), result)
    _trust(_case(suite, "the run is valid"), summary)
    for tag, counted in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
        suite.set(tag, str(len(list(suite.iter(counted)))))
    SubElement(suite, "system-out").text = _printable(words.rehearsed(summary))
    root = Element("testsuites")
    root.append(suite)
    indent(root)
    return tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _case(suite: Element, name: str) -> Element:
    return SubElement(
        suite, "testcase", name=_printable(name), classname=suite.attrib["name"], time="0"
    )


def _judge(case: Element, result: ObjectiveResult) -> None:
    if result.passed:
        return
    at_most = (
        f"at most {words.bound(result, result.at_most)} promised ({words.span(result.between)})"
    )
    if result.passed is None:
        SubElement(case, "error", type="unmeasured", message=f"nothing to measure; {at_most}")
    else:
        measured = words.bound(result, result.measured)
        SubElement(case, "failure", type="missed", message=f"measured {measured}; {at_most}")


def _trust(case: Element, summary: Summary) -> None:
    found = [*words.problems(summary), *filter(None, [words.ending(summary)])]
    if found:
        SubElement(case, "error", type="invalid", message=_printable("; ".join(found)))


def _printable(text: str) -> str:
    """`text` without the control characters XML 1.0 cannot hold (section 2.2)."""
    return "".join(c for c in text if c in "\t\n" or ord(c) >= ord(" "))
