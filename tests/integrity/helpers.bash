# helpers.bash - what the tests of data integrity share, beyond what tests/e2e shares.
#
# The environment names VERIFY_DATA, FLUSHING_CLIENT, SANITIZED_TREE (the scripts beside this file),
# SANITIZED (the folder of the instrumented trees) and DEFECTS_SOURCE.

load ../e2e/helpers

# Meson sets it to the libraries of the ordinary build, which instrumented programs would load then.
unset LD_LIBRARY_PATH

# Builds the tree of a sanitizer, which then is TREE. For setup_file.
build_sanitized() {
    export TREE="$SANITIZED/$1/tree"
    if ! "$SANITIZED_TREE" "$1" "$SANITIZED/$1" >"$BATS_FILE_TMPDIR/build" 2>&1 3>&-; then
        tail -n 40 "$BATS_FILE_TMPDIR/build"
        return 1
    fi
}

# In the tree, the unit tests whose names begin with one of the words, without the simulated ones:
# the simulator is one thread with fixed addresses, in which the ordinary build's run tells the same.
run_unit_tests() {
    python3 - "$TREE" "$@" 3>&- <<'PYTHON'
import json, subprocess, sys
tree, words = sys.argv[1], tuple(word + " " for word in sys.argv[2:])
tests = json.loads(subprocess.check_output(["meson", "introspect", "--tests", tree]))
names = [test["name"] for test in tests
         if test["name"].startswith(words) and not test["name"].endswith(" simulated")]
if len(names) < 10:
    sys.exit(f"only {names} begin with {words}")
sys.exit(subprocess.run(["meson", "test", "-C", tree, "--print-errorlogs", *names]).returncode)
PYTHON
}

# The line of a planted mistake, as reports name it. For data_race.c, the first of two.
defect_place() {
    local line
    line=$(grep -n 'the defect' "$DEFECTS_SOURCE/$1" | head -n 1 | cut -d : -f 1)
    [ -n "$line" ]
    echo "$1:$line"
}

# Reads from the miniport with planted defects, with the defect of that number. Sets status, output.
run_defect() {
    run timeout -k 5 120 "$TREE/src/cli/storhost" bench defects --device model:scratch,vectors=2 \
        --cpus 2 --seconds 1 --set "Parameters\\Device\\Defect=$1"
}

# The same through nbdkit, into which the runtime is preloaded. Sets STATUS; reports are in `messages`.
serve_defect() {
    STORHOST="$TREE/src/cli/storhost"
    start_serve defects --device model:scratch,vectors=2 --cpus 2 \
        --set "Parameters\\Device\\Defect=$1" || return 0
    timeout -k 5 60 nbdcopy "$URI" null: 2>nbdcopy.txt || true
    if kill -0 "$SERVE" 2>/dev/null; then
        kill -INT -- "-$SERVE" || true
    fi
    timeout 60 tail --pid="$SERVE" -s 0.05 -f /dev/null
    STATUS=0
    wait "$SERVE" || STATUS=$?
    SERVE=
    exec {READY}<&-
}

use_sanitizers() {
    export ASAN_OPTIONS=halt_on_error=1:detect_leaks=1
    export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
    export TSAN_OPTIONS=halt_on_error=0:second_deadlock_stack=1
}
