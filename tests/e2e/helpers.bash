# helpers.bash - what the command's tests share.
#
# The environment names the programs under test (STORHOST, READ_FIRST_BLOCK), REMOVED_CLIENT beside
# this file, and STORHOST_MODULE_PATH for the modules. Nothing here sleeps for a length of time: it waits for a line, or for the end of a
# process.

# The same tests run with drivers as modules and as Windows images: MODULES names the folder, and
# STORHOST_MODULE_PATH the same one for drivers that are called by name.
DRIVER_SUFFIX=${DRIVER_SUFFIX:-.so}

# Every test has a private TMPDIR, so that what is left behind can be seen.
setup() {
    export TMPDIR="$BATS_TEST_TMPDIR/tmp"
    mkdir "$TMPDIR"
    cd "$BATS_TEST_TMPDIR" || return 1
    SERVE=
}

teardown() {
    if [ -n "$SERVE" ] && kill -0 "$SERVE" 2>/dev/null; then
        kill -KILL "$SERVE"
        wait "$SERVE" || true
    fi
}

# start_serve ARGUMENTS: starts `storhost serve` as the leader of a session (as a shell would make it
# the leader of a foreground job) and waits until it is ready. Sets SERVE, URI, CONTROL and
# UNITS. Its messages
# go to the file `messages`. Fails when it ends before it is ready; then STATUS is its exit status.
start_serve() {
    local line
    UNITS=()
    URI=
    CONTROL=
    rm -f ready
    mkfifo ready
    setsid "$STORHOST" serve "$@" >ready 2>messages 3>&- &
    SERVE=$!
    exec {READY}<ready
    while read -r -u "$READY" line; do
        case "$line" in
        "unit "*) UNITS+=("$line") ;;
        "control "*) CONTROL=${line#control } ;;
        "serving "*)
            URI=${line#serving }
            return 0
            ;;
        esac
    done
    STATUS=0
    wait "$SERVE" || STATUS=$?
    SERVE=
    exec {READY}<&-
    return 1
}

# stop_serve SIGNAL: ends it as control-C would (the signal goes to its whole group). Sets STATUS.
stop_serve() {
    kill "-${1:-INT}" -- "-$SERVE"
    STATUS=0
    wait "$SERVE" || STATUS=$?
    SERVE=
    exec {READY}<&-
}

# Waits until the process, which need not be ours, has ended.
wait_gone() {
    tail --pid="$1" -s 0.05 -f /dev/null
}

# The children of a process, one a line.
children_of() {
    ps -o pid= --ppid "$1" | tr -d ' '
}

# A file of N MiB that does not compress and is the same every time.
make_data() {
    python3 -c 'import random, sys
open(sys.argv[1], "wb").write(random.Random(1).randbytes(int(sys.argv[2]) << 20))' "$1" "$2"
}

# Fails with the text of what was seen.
expect() {
    if ! eval "$1"; then
        echo "expected: $1"
        echo "status: $status; output: $output"
        [ ! -e messages ] || cat messages
        return 1
    fi
}

# One line on stderr that begins with the command's name, beside the one about an image's signature.
expect_one_line() {
    local lines
    lines=$(grep '^storhost: ' <<<"$output" | grep -vc '\.sys: not signed$')
    expect "[ $lines -eq 1 ]"
}

tmpdir_is_empty() {
    [ -z "$(ls -A "$TMPDIR")" ] || {
        echo "left behind:"
        ls -lAR "$TMPDIR"
        return 1
    }
}

# make_inf FILE SERVICE ID [LINES]: an INF file of one model; its service's binary is SERVICE.sys.
# LINES are added at the end; [Install.HW] and [Parameters] may get more there.
make_inf() {
    cat >"$1" <<INF
[Version]
Signature = "\$Windows NT\$"
Class     = SCSIAdapter
Provider  = "Test"
DriverVer = 01/02/2003,4.5.6.7
[Manufacturer]
Test = Models,NTamd64.10.0
[Models.NTamd64.10.0]
%Device% = Install,$3
[Install]
CopyFiles = @$2.sys
[Install.HW]
AddReg = DeviceValues
[Install.Services]
AddService = $2,0x2,Service
[Service]
ServiceType   = 1
StartType     = 3
ErrorControl  = 1
ServiceBinary = %12%\\$2.sys
AddReg        = Parameters
[Strings]
Device = "A test device"
[DeviceValues]
[Parameters]
${4:-}
INF
}
