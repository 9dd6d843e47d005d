"""Routines without an effect are recognised in the code of every compiler that builds storhost.

    machine_code_test.py FOLDER
"""
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "routines"))
import machine_code  # noqa: E402

SAMPLES = ROOT / "tests" / "routines" / "samples.c"
COMPILERS = ("gcc", "clang-14")
LEVELS = ("-O0", "-O1", "-O2", "-Os")
SANITIZERS = ("none", "address", "undefined", "thread")
FLAGS = ["-std=gnu17", "-D_GNU_SOURCE", "-DWDK_HOST", "-fno-omit-frame-pointer", "-fvisibility=hidden", "-fPIC",
         "-shared", "-g", "-I", str(ROOT / "src"), "-I", str(ROOT / "wdk")]  # fmt: skip


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    expected = sorted(re.findall(r'(?:, |\(\d+, )"?(Empty\w+)"?,', SAMPLES.read_text()))
    ways = [(compiler, level, sanitizer) for compiler in COMPILERS for level in LEVELS
            for sanitizer in SANITIZERS if shutil.which(compiler)]  # fmt: skip
    print(f"1..{len(ways)}")
    wrong = 0
    for number, (compiler, level, sanitizer) in enumerate(ways, 1):
        library = folder / f"{compiler}{level}-{sanitizer}.so"
        flags = [] if sanitizer == "none" else ["-fsanitize=" + sanitizer]
        subprocess.run([compiler, *FLAGS, level, *flags, "-o", library, SAMPLES], check=True)
        found = machine_code.empty_routines(library)
        library.unlink()
        good = found == expected
        wrong += not good
        print(f"{'ok' if good else 'not ok'} {number} - {compiler} {level} sanitizer {sanitizer}")
        if not good:
            print(f"# not recognised: {sorted(set(expected) - set(found))}, "
                  f"wrongly: {sorted(set(found) - set(expected))}")  # fmt: skip
    return 1 if wrong or len(expected) < 5 else 0


if __name__ == "__main__":
    sys.exit(main())
