"""A line on the terminal that counts what is done. It shows nothing where nobody looks."""
import sys
import threading


class Progress:
    """To be used by `with`; step() is called from any thread when a part is done."""

    def __init__(self, count, quiet):
        self.count = count
        self.done = 0
        self.shows = not quiet and sys.stderr.isatty()
        self.lock = threading.Lock()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.show("")

    def show(self, text):
        if self.shows:
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()

    def step(self, name):
        with self.lock:
            self.done += 1
            self.show(f"[{self.done}/{self.count}] {name}")
