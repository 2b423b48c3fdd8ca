# SPDX-License-Identifier: MIT
# Reports for machines, judged by those who read them: JUnit by xmllint and its schema, SARIF by its JSON
# schema and by what GitHub code scanning takes, KTAP by the kernel's own parser and by a checker of ours.
# Each check_*() takes the bytes of a document and raises Refused. (For ci/tests/reports.)
import glob
import importlib
import io
import json
import os
import re
import subprocess
import sys
import tempfile

import jsonschema

schemas = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + "/core/report/schema"


class Refused(Exception):
    pass


# JUnit


def check_junit(data):
    with tempfile.NamedTemporaryFile(suffix=".xml") as file:
        file.write(data)
        file.flush()
        done = subprocess.run(
            ["xmllint", "--noout", "--schema", schemas + "/junit.xsd", file.name], capture_output=True, text=True
        )
    if done.returncode:
        raise Refused(done.stderr)


def junit_verdicts(data):
    text = data.decode()
    head = re.search(r'<testsuites name="lazymm" tests="(\d+)" failures="(\d+)" errors="(\d+)">', text)
    counted = tuple(text.count(f"\n\t\t{tag}") for tag in ("<testcase ", "\t<failure ", "\t<error "))
    if tuple(map(int, head.groups())) != counted:
        raise Refused(f"counts {counted}, says {head.groups()}")
    return counted


# SARIF

with open(schemas + "/sarif-2.1.0-rtm.5.json", encoding="utf-8") as file:
    sarif_schema = jsonschema.Draft4Validator(json.load(file))


def check_sarif(data):
    log = json.loads(data)
    for error in sarif_schema.iter_errors(log):
        raise Refused(f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}")
    # What GitHub refuses, or shows nothing for.
    if len(log["runs"]) != 1 or len(data) > 10_000_000:
        raise Refused("not one run of at most 10 MB")
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    for rule in rules:
        if not all(0 < len(rule[key]["text"]) <= 1024 for key in ("shortDescription", "fullDescription")):
            raise Refused(f"rule {rule['id']} has no description")
    if len({rule["id"] for rule in rules}) != len(rules):
        raise Refused("two rules of a name")
    for result in run["results"]:
        check_result(result, rules)


def check_result(result, rules):
    if rules[result["ruleIndex"]]["id"] != result["ruleId"]:
        raise Refused("ruleIndex and ruleId differ")
    if not result["message"]["text"] or not result["partialFingerprints"]["primaryLocationLineHash"]:
        raise Refused("no message, or no fingerprint")
    if not 1 <= len(result["locations"]) <= 10:
        raise Refused("no location, or too many")
    everywhere = result["locations"] + result.get("relatedLocations", [])
    order = []
    for flow in result.get("codeFlows", [{"threadFlows": []}])[0]["threadFlows"]:
        mine = [location["executionOrder"] for location in flow["locations"]]
        if mine != sorted(set(mine)):
            raise Refused(f"{flow['id']} goes back in time")
        order += mine
        everywhere += [location["location"] for location in flow["locations"]]
    if sorted(order) != list(range(1, len(order) + 1)) or len(order) > 10_000:
        raise Refused("the execution order has gaps, or is too long")
    for location in everywhere:
        where = location.get("physicalLocation", {}).get("artifactLocation", {})
        if re.search(r"[^A-Za-z0-9._~/%:-]", where.get("uri", "")):
            raise Refused(f"no URI: {where['uri']}")


# KTAP


def check_ktap(data):
    """The grammar of Documentation/dev-tools/ktap.rst, two levels deep; (passed, failed) of the cases."""
    if re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", data):
        raise Refused("control character")
    lines = data.decode().split("\n")
    if lines.pop() != "":
        raise Refused("no line break at the end")
    cases = [0, 0]
    at = tests(lines, 0, "", cases)
    if at != len(lines):
        raise Refused(f"line {at + 1} is behind the plan: {lines[at]}")
    return tuple(cases)


def tests(lines, at, indent, cases):
    def line(pattern, what):
        nonlocal at
        match = re.fullmatch(indent + pattern, lines[at]) if at < len(lines) else None
        if not match:
            raise Refused(f"line {at + 1}: expected {what}, found {lines[at:at + 1]}")
        at += 1
        return match

    line(r"KTAP version 1", "the version")
    name = line(r"# Subtest: (.+)", "the name").group(1) if indent else None
    planned = int(line(r"1\.\.(\d+)", "the plan").group(1))
    bad = 0
    for number in range(1, planned + 1):
        subtests_bad = None
        if not indent and at < len(lines) and lines[at].startswith("  "):
            at, subtests_bad, inner = tests(lines, at, "  ", cases)
        while at < len(lines) and re.fullmatch(indent + r"#( (?!Subtest: ).*)?", lines[at]):
            at += 1
        result = line(r"(ok|not ok) (\d+) ([^#]+?)( # .*)?", "a result")
        failed = result.group(1) == "not ok"
        if int(result.group(2)) != number:
            raise Refused(f"line {at}: number {result.group(2)}, not {number}")
        if subtests_bad is not None:
            if failed != (subtests_bad > 0) or result.group(3) != inner:
                raise Refused(f"line {at}: does not say what its subtests say")
        else:
            cases[failed] += 1
        if indent and result.group(3) == name:
            raise Refused(f"line {at}: a case of its suite's name")
        bad += failed
    return (at, bad, name) if indent else at


def kernel_parser(unpacked):
    """The kernel's module, from a linux-source that is there, or from Debian's tarball, unpacked into that
    directory; None if there is neither."""
    found = sorted(glob.glob("/usr/src/linux-source-*/tools/testing/kunit/kunit_parser.py"))
    tarballs = sorted(glob.glob("/usr/src/linux-source-*.tar.xz"))
    if not found and tarballs:
        found = sorted(glob.glob(unpacked + "/*/tools/testing/kunit/kunit_parser.py"))
        if not found:
            # Minutes of a CPU it is not, but seconds: once for each build directory.
            os.makedirs(unpacked, exist_ok=True)
            members = [f"*/tools/testing/kunit/kunit_{part}.py" for part in ("parser", "printer")]
            subprocess.run(
                ["tar", "-xJf", tarballs[-1], "-C", unpacked, "--occurrence=1", "--wildcards"] + members, check=True
            )
            found = sorted(glob.glob(unpacked + "/*/tools/testing/kunit/kunit_parser.py"))
    if not found:
        return None
    sys.path.insert(0, os.path.dirname(found[-1]))
    sys.dont_write_bytecode = True
    return importlib.import_module("kunit_parser")


def check_by_kernel(parser, data):
    # Its printer took hold of sys.stdout when it was imported.
    parser.stdout._output = out = io.StringIO()
    test = parser.parse_run_tests(io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
    said = out.getvalue()
    if test.counts.errors or test.counts.crashed or test.status.name == "FAILURE_TO_PARSE_TESTS":
        raise Refused(f"{test.status.name}: {test.counts}: {said[-500:]}")
    return (test.counts.passed, test.counts.failed)
