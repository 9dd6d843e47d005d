"""tools/mutate tells tests that notice a missing routine from tests that do not.

    mutate_test.py FOLDER

The test programs are scripts that behave in every way that matters.
"""
import importlib.machinery
import importlib.util
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAYS_SO = 'echo "mutation: $STORHOST_MUTATE does nothing now"'
PASSES = 'echo "[ RUN      ] case"; echo "[       OK ] case"'
FAILS = 'echo "[ RUN      ] case"; echo "[  FAILED  ] case"; exit 1'
FAILS_ON = FAILS.replace("exit 1", "sleep 60")

# name: (script with the entry in place, script without it, expected result)
PROGRAMS = {
    "a case that fails without the entry kills it": (PASSES, f"{SAYS_SO}; {FAILS}", "killed"),
    "a program that crashes without the entry kills it": (PASSES, f"{SAYS_SO}; kill -SEGV $$", "killed"),
    "an entry that no case misses survives": (PASSES, f"{SAYS_SO}; {PASSES}", "survived"),
    "a hang is a kill and is listed": (PASSES, f"{SAYS_SO}; sleep 60", "killed by time-out"),
    "a case that always fails proves nothing": (FAILS, f"{SAYS_SO}; {FAILS}", "broken"),
    "the first case that fails ends the program": (PASSES, f"{SAYS_SO}; {FAILS_ON}", "killed"),
    "a pattern without cases proves nothing": ("true", f"{SAYS_SO}; {FAILS}", "broken"),
    "a program that cannot empty the entry proves nothing": (PASSES, FAILS, "broken"),
}  # fmt: skip


def load():
    loader = importlib.machinery.SourceFileLoader("mutate", str(ROOT / "tools" / "mutate"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("mutate", loader))
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    mutate = load()
    mutate.TIMEOUT_MIN_S = 1
    row = {"name": "Routine", "image": "storport.sys", "category": "General", "how": "import",
           "tests": [{"test": "the test", "cases": "case"}]}  # fmt: skip
    print(f"1..{len(PROGRAMS)}")
    wrong = 0
    for number, (name, (whole, empty, expected)) in enumerate(PROGRAMS.items(), 1):
        script = folder / "program"
        script.write_text(f'#!/bin/sh\nif [ -n "$STORHOST_MUTATE" ]; then {empty}; else {whole}; fi\n')
        script.chmod(0o755)
        program = mutate.Program({"cmd": [str(script)], "env": {}}, script.parent)
        entry = mutate.try_entry(mutate.Entry(row), {"the test": program})
        good = entry.result == expected
        wrong += not good
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
        if not good:
            print(f"# {entry.result} instead of {expected}: {entry.remark}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
