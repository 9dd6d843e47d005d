"""The folder for what a build makes on its way: the same one whenever the same file is built.

Its name gets into debug information, and by way of that into the identity of an image. So the same sources
make the same bytes as long as the folder's name does not change.
"""
import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import stat
import tempfile


@contextlib.contextmanager
def work_folder(target):
    """A folder of this build alone, empty, and gone afterwards. `target` is the path of what is built."""
    key = hashlib.sha256(os.path.abspath(target).encode(errors="surrogateescape")).hexdigest()[:16]
    path = pathlib.Path(tempfile.gettempdir(), f"storhost-build.{os.getuid()}.{key}")
    with contextlib.ExitStack() as stack:
        lock = claim(path)
        if lock is None:  # somebody builds the same file now, or the name is not ours: then any folder will do
            path = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="storhost-build.")))
        else:
            stack.callback(os.close, lock)
            stack.callback(shutil.rmtree, path, ignore_errors=True)
        yield path


def claim(path):
    """Makes the folder, or takes over what a build left that was killed. Returns a lock, or None."""
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
    try:
        lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        status, named = os.fstat(lock), os.stat(path, follow_symlinks=False)
        is_ours = status.st_uid == os.getuid() and stat.S_IMODE(status.st_mode) == 0o700
        if not is_ours or not os.path.samestat(status, named):
            raise PermissionError
        for item in path.iterdir():
            shutil.rmtree(item) if item.is_dir() and not item.is_symlink() else item.unlink()
        return lock
    except OSError:
        os.close(lock)
        return None
