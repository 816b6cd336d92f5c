"""The files of grades: a table for all, and for each submission three files on what was found."""

import csv
import io
import json
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from xml.etree import ElementTree

from rnn.exercise.folder import check
from rnn.exercise.folder.check import Finding
from rnn.exercise.grade.marks import MISSING, TAMPERED, UNLOADED, Marked

KINDS = {check.WRONG: "failure", check.UNWRITTEN: "skipped", check.WAITS: "skipped"}  # in JUnit
REFUSED = "This file does what no solution needs: "
UNTESTED = f"{check.UNTESTED.partition('.')[0]}."
Points = Mapping[str, float]


class Graded(NamedTuple):
    """A submission's name, its cell, and what was found."""

    name: str
    cell: str
    marked: Marked


def files(graded: Sequence[Graded], weights: Points, hint: int | None) -> dict[str, str]:
    """Return the contents of the folder by path.

    Parameters
    ----------
    graded
        The submissions.
    weights
        The points of each function.
    hint
        How much is given away, as for `check.lines`.
    """
    made = {"grades.csv": table(graded, weights)}
    for one in graded:
        made[f"feedback/{one.name}.txt"] = feedback(one, weights, hint)
        made[f"gradescope/{one.name}.json"] = gradescope(one, weights, hint)
        made[f"junit/{one.name}.xml"] = junit(one, hint)
    return made


def points(finding: Finding, weights: Points) -> float:
    """Return the points of a function: all if it is right, else none."""
    return weights[finding.name] if finding.status == check.RIGHT else 0


def total(numbers: Sequence[float]) -> float:
    """Return a sum without the noise of binary fractions."""
    return round(sum(numbers), 6)


def table(graded: Sequence[Graded], weights: Points) -> str:
    """Return `grades.csv`: a line for each submission, with the points of each function."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["name", "status", "cell", *weights, "points", "out_of"])
    for one in graded:
        given = [points(finding, weights) for finding in one.marked.findings]
        whole = total(given), total([*weights.values()])
        writer.writerow([one.name, one.marked.status, one.cell, *given, *whole])
    return text.getvalue()


def feedback(one: Graded, weights: Points, hint: int | None) -> str:
    """Return what a student is told."""
    findings = one.marked.findings
    given = total([points(finding, weights) for finding in findings])
    said = [f"{one.name}: {given:g} of {total([*weights.values()]):g} points", ""]
    said += [f"{REFUSED}it {what}." for what in one.marked.did]
    if for_one_reason(findings):
        said.append(f"student.py: {findings[0].status}{_because(findings[0])}")
    else:
        said += [line for finding in findings for line in check.lines(finding, hint)]
    said += ["", UNTESTED]
    return "\n".join(said) + "\n"


def for_one_reason(findings: Sequence[Finding]) -> bool:
    """Return whether all functions failed alike, as where the file can't be loaded."""
    alike = len({finding[1:] for finding in findings}) == 1
    whole = findings[0].status in (UNLOADED, MISSING)
    return alike and (whole or (len(findings) > 1 and findings[0].status != check.RIGHT))


def summary(one: Graded, weights: Points) -> list[str]:
    """Return what there is to say of all functions: points, and which are right."""
    findings = one.marked.findings
    given = total([points(finding, weights) for finding in findings])
    said = [f"{one.marked.status}: {given:g} of {total([*weights.values()]):g} points"]
    said += [f"{REFUSED}it {what}." for what in one.marked.did]
    if for_one_reason(findings):
        said.append(f"student.py: {findings[0].status}{_because(findings[0])}")
    else:
        for status in dict.fromkeys(finding.status for finding in findings):
            names = [finding.name for finding in findings if finding.status == status]
            said.append(f"{status}: {', '.join(names)}")
    return [*said, UNTESTED]


def _unnamed(finding: Finding, hint: int | None) -> str:
    """Return the lines about a function without its name, which stands above them."""
    first, *rest = check.lines(finding, hint)
    return "\n".join(
        [first.removeprefix(finding.name).lstrip(), *textwrap.dedent("\n".join(rest)).splitlines()]
    )


def _because(finding: Finding) -> str:
    return f": {'; '.join(finding.seen)}" if finding.seen else ""


def gradescope(one: Graded, weights: Points, hint: int | None) -> str:
    """Return `results.json` as Gradescope reads it: a test for each function."""
    tests = [
        {
            "name": finding.name,
            "score": points(finding, weights),
            "max_score": weights[finding.name],
            "status": "passed" if finding.status == check.RIGHT else "failed",
            "output": _unnamed(finding, hint),
            "output_format": "text",
            "visibility": "visible",
        }
        for finding in one.marked.findings
    ]
    value = {
        "score": total([points(finding, weights) for finding in one.marked.findings]),
        "output": "\n".join(summary(one, weights)),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
    }
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def junit(one: Graded, hint: int | None) -> str:
    """Return JUnit's XML: a case for each function, failed, in error or skipped if not right."""
    suite = ElementTree.Element("testsuite", name=one.name, time="0")
    counts = Counter[str]()
    for finding in one.marked.findings:
        attributes = {"classname": one.name, "name": finding.name, "time": "0"}
        case = ElementTree.SubElement(suite, "testcase", attributes)
        if finding.status != check.RIGHT:
            kind = KINDS.get(finding.status, "error")
            counts[kind] += 1
            said = f"{finding.status}{_because(finding)}"
            ElementTree.SubElement(case, kind, message=said).text = "\n".join(
                check.lines(finding, hint)
            )
    suite.set("tests", str(len(one.marked.findings)))
    for kind, counted in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        suite.set(counted, str(counts[kind]))
    if one.marked.status == TAMPERED:
        ElementTree.SubElement(suite, "system-err").text = "\n".join(
            f"{REFUSED}it {what}." for what in one.marked.did
        )
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=False) + "\n"
