"""The four compilations that every header of wdk/ serves, and how to run many of them at once.

One list of flags for the whole folder: what a test says about "the driver" and "the host" is what
this file says.
"""

import concurrent.futures
import os
import re
import shutil
import subprocess


class Compiler:
    def __init__(self, name, command, flags, is_host, is_clang):
        self.name = name
        self.command = command
        self.flags = flags
        self.is_host = is_host
        self.is_clang = is_clang

    def words(self, wdk, language='c'):
        """The command line, without a source file, for C or C++."""
        standard = {'c': '-std=gnu17', 'c++': '-std=gnu++17'}[language]
        folders = ['-I', wdk]
        if not self.is_host:
            folders += ['-isystem', os.path.join(wdk, 'crt')]
        unlimited = ['-ferror-limit=0'] if self.is_clang else []
        return self.command + ['-x', language, standard] + self.flags + unlimited + folders


_DRIVER = ['-fms-extensions', '-fms-compatibility', '-D_AMD64_', '-D_WIN64']

GCC_HOST = Compiler('gcc-host', ['gcc'], ['-DWDK_HOST'], True, False)
# Debian installs a version under its own name, and the plain one only with a package that asks for it.
_CLANG = shutil.which('clang-14') or shutil.which('clang') or 'clang-14'

CLANG_HOST = Compiler('clang-host', [_CLANG], ['-DWDK_HOST'], True, True)
CLANG_MSVC = Compiler('clang-msvc', [_CLANG, '--target=x86_64-pc-windows-msvc'], _DRIVER, False, True)
# The ELF build imports the register routines instead of expanding them: the other form of the macros.
CLANG_MSVC_ELF = Compiler('clang-msvc-elf', [_CLANG, '--target=x86_64-pc-windows-msvc-elf'],
                          _DRIVER + ['-DDISABLE_INLINE_REGISTER_ACCESS'], False, True)

ALL = [GCC_HOST, CLANG_HOST, CLANG_MSVC, CLANG_MSVC_ELF]


def snapshot(wdk, out):
    """A copy of the headers, so that a run sees one state of them even while somebody edits."""
    copy = os.path.join(os.path.abspath(out), 'wdk')
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(wdk, copy)
    return copy


def run_all(jobs, workers):
    """Runs `jobs`, callables without arguments, `workers` at a time; returns their results in order."""
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        return list(pool.map(lambda job: job(), jobs))


def run(words):
    """(exit status, what the compiler printed)"""
    done = subprocess.run(words, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def error_lines(output):
    """The errors in a compiler's output, each as the message that matters."""
    lines = []
    for line in output.splitlines():
        match = re.search(r'(?:fatal )?error: (.*)$', line)
        if not match:
            continue
        quoted = re.search(r'static.assert.*"([^"]*)"\s*$', match.group(1))
        lines.append(quoted.group(1) if quoted else line)
    return lines
