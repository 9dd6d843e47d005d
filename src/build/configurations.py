"""Which configuration of a project is built."""
import re

from process import BuildError

PLATFORMS = {"x64", "amd64"}
WINDOWS = re.compile(r"win(?:dows)?\s*(?:v)?(\d+(?:\.\d+)?)", re.IGNORECASE)
# Windows by the names that configurations had before they were numbers.
OLD_WINDOWS = {"vista": 6.0, "xp": 5.1, "wnet": 5.2, "wlh": 6.0, "wxp": 5.1}


def check_platform(platform):
    if platform.lower() not in PLATFORMS:
        raise BuildError(
            f"platform '{platform}': storhost runs x64 drivers: leave --platform away or say x64"
        )


def windows_version(name):
    match = WINDOWS.search(name)
    if match:
        version = float(match.group(1))
        return {7.0: 6.1, 8.0: 6.2, 8.1: 6.3}.get(version, version)
    return max((version for word, version in OLD_WINDOWS.items() if word in name.lower()), default=0.0)


def newest(names, word):
    """The first that contains `word`, of those for the newest Windows."""
    found = [name for name in names if word in name.lower()]
    return max(found, key=windows_version) if found else None  # max() keeps the first of equals


def choose(place, pairs, options):
    """Returns (configuration, platform) of `pairs`, which are those that the project has."""
    wanted = options.config or ""
    if "|" in wanted:
        wanted, platform = wanted.rsplit("|", 1)
        check_platform(platform)
    check_platform(options.platform)
    names = [name for name, platform in pairs if platform.lower() in PLATFORMS]
    if not pairs:
        return wanted or ("Debug" if options.debug else "Release"), "x64"
    if not names:
        platforms = ", ".join(dict.fromkeys(platform for _, platform in pairs))
        raise BuildError(
            f"{place}: has configurations for {platforms} only: storhost runs x64 drivers, add an x64 one"
        )
    if wanted:
        chosen = next((name for name in names if name.lower() == wanted.lower()), None) or newest(
            names, wanted.lower()
        )
        if chosen is None:
            raise BuildError(
                f"{place}: has no configuration '{wanted}' for x64: choose --config from {listed(names)}"
            )
    else:
        chosen = newest(names, "debug" if options.debug else "release") or newest(names, "release") \
            or newest([name for name in names if "debug" not in name.lower()], "") or names[0]  # fmt: skip
    return chosen, next(
        platform for name, platform in pairs if name == chosen and platform.lower() in PLATFORMS
    )


def listed(names):
    return ", ".join(f"'{name}'" for name in dict.fromkeys(names))
