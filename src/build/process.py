"""Running the programs that a build is made of, and the one kind of error that it has."""
import os
import subprocess
import sys


class BuildError(Exception):
    """What the user did or has wrong, as one line: what, where, what to do next."""

    def __init__(self, text):
        super().__init__(one_line(text))


def one_line(text):
    """Text that may hold names from a stranger's file, as one line without control characters."""
    return "".join(letter if letter.isprintable() else " " for letter in text.replace("\n", " "))


def run(command, what, check=True, cwd=None):
    """Runs a program; its messages go to stderr as they are. Returns what it printed.

    Without `check` the program may fail, and what it says about that is of no interest."""
    try:
        result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
                                cwd=cwd)  # fmt: skip
    except OSError as error:
        raise BuildError(f"{what}: cannot run {command[0]}: {error.strerror}") from error
    if not check:
        return result.stdout
    if result.stderr:
        sys.stderr.write(result.stderr)
    if result.returncode != 0:
        raise BuildError(f"{what}: {os.path.basename(command[0])} failed (see its messages above)")
    return result.stdout
