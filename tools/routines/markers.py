"""Which tests prove which routine, from the marks in the tests' sources.

In tests/miniports/checks/*.c, `CHECK(Routine, places)` is the check of a routine's own name, and
`CHECK_ALSO(Routine, aspect, places)` and `CHECK_FATAL(Routine, aspect, places)` are further ones: all are cases
of the test `conformance checks` whose names begin with the routine's. In tests/conformance/NAME_test.c,
`probe_proves(case, "Routine", ...)` marks a case of the test `conformance NAME`. A mark in a comment or
of a macro's definition is none.
"""
import re

CHECK = re.compile(r"^CHECK(?:_ALSO|_FATAL)?\(\s*(\w+)\s*,", re.MULTILINE)
PROVES = re.compile(r"\bprobe_proves\(\s*(\w+)\s*,((?:\s*\"\w+\"\s*,?)+)\)")
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)


def sources(root):
    """The files that can hold marks, and the folders in which new ones appear."""
    checks = root / "tests" / "miniports" / "checks"
    conformance = root / "tests" / "conformance"
    return sorted(checks.glob("*.c")), sorted(conformance.glob("*_test.c")), [checks, conformance]


def tests_of(root):
    """Sorted (routine, test, pattern of cases)."""
    found = set()
    checks, conformance, _ = sources(root)
    for path in checks:
        for routine in CHECK.findall(COMMENT.sub("", path.read_text())):
            found.add((routine, "conformance checks", routine + "_*"))
    for path in conformance:
        test = "conformance " + path.name.removesuffix("_test.c").replace("_", " ")
        for case, routines in PROVES.findall(COMMENT.sub("", path.read_text())):
            for routine in re.findall(r'"(\w+)"', routines):
                found.add((routine, test, case))
    return sorted(found)
