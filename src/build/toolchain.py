"""The programs and headers that a build needs."""
import pathlib
import shutil

from process import BuildError, run

HERE = pathlib.Path(__file__).resolve().parent
# In the source tree; in an installation, where this folder is share/storhost/build.
WDK_PLACES = [HERE.parent.parent / "wdk", HERE.parent / "wdk"]

# From version 16 on handlers of exceptions cover plain loads and stores. What other sources contain is cured by the
# messages of version 14 (dialect.py), which also takes more of it.
HANDLER_COMPILERS = ["clang-19", "clang-18", "clang-17", "clang-16"]


def find_tool(given, *names):
    for name in [given] if given else names:
        path = shutil.which(name)
        if path:
            return path
    raise BuildError(
        f"cannot find {given or names[-1]}: install the packages of tools/packages.txt, "
        "or name the program by an option"
    )


class Toolchain:
    def __init__(self, options):
        self.clang = find_tool(options.cc, "clang-14", "clang")
        # For the sources of an image that handle exceptions.
        self.handler_clang = find_tool(options.cc, *HANDLER_COMPILERS, "clang-14", "clang")
        self.linker_given = options.linker
        self.linker = None if options.image else find_tool(options.linker, "ld.lld-14", "ld.lld")
        self.nm = find_tool(None, "llvm-nm-14", "llvm-nm", "nm")
        self.objcopy = find_tool(None, "llvm-objcopy-14", "llvm-objcopy", "objcopy")
        self.readelf = find_tool(None, "llvm-readelf-14", "llvm-readelf")
        self.undname = find_tool(None, "llvm-undname-14", "llvm-undname")
        self.wdk = wdk_folder(options.wdk)

    def dlltool(self):
        return find_tool(None, "llvm-dlltool-14", "llvm-dlltool")

    def lld_link(self):
        return find_tool(self.linker_given, "lld-link-14", "lld-link")

    def version(self):
        return run([self.clang, "--version"], "clang").splitlines()[0]


def wdk_folder(given):
    places = [pathlib.Path(given)] if given else WDK_PLACES
    for place in places:
        if (place / "storport.h").exists():
            return place
    raise BuildError(f"no storport.h in {places[0]}: name the folder of the WDK headers by --wdk")
