/*
 * checks_test.c - every check of tests/miniports/checks in every model, one case each. An argument
 * is a pattern of names: `StorPortPause_*`, `*_in_half_duplex`.
 *
 * An adapter is started twice for a case: with messages and STORAGE_REQUEST_BLOCKs, then with the
 * line interrupt and SCSI_REQUEST_BLOCKs. A place that a check wants and that neither has reached
 * fails the case, too. Where a check stops the machine, every place gets a process of its own.
 */
#include "checks_host.h"
#include "patience.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    PASSES = 2,
    SHORT_CASE_S = 5, /* of a few ms: a start or a stop may hang, where a check does not */
};

static const char *const model_names[CheckModelCount] = {
    [CheckHalfDuplex] = "in_half_duplex",
    [CheckFullDuplex] = "in_full_duplex",
    [CheckChannels] = "with_channels",
    [CheckVirtual] = "when_virtual",
};

static const CHECK_INTERRUPTS passes[PASSES] = {CheckMessagesApart, CheckLine};

struct check_case {
    uint32_t index; /* of the check */
    CHECK_MODEL model;
    uint64_t places; /* that the check wants and the model has */
    char name[160];
};

static bool print_failures(void)
{
    int32_t count = checks_shared->Failures;

    for (int32_t i = 0; i < count && i < CHECK_FAILURES_MAX; i++) {
        const CHECK_FAILURE *failure = &checks_shared->Failure[i];
        print_error("%s:%u: in %s at IRQL %u: %s", failure->File, failure->Line,
                    checks_place_names[failure->Place], failure->Irql, failure->Text);
        if (failure->Compared)
            print_error(" is 0x%llx instead of 0x%llx", (unsigned long long)failure->Actual,
                        (unsigned long long)failure->Expected);
        print_error("\n");
    }
    return count > 0;
}

static void run_check(void **state)
{
    const struct check_case *this = *state;
    uint64_t reached = 0;
    bool good = true;

    if (patience_is_short())
        alarm(SHORT_CASE_S);
    checks_set_topology(strstr(this->name, "_tells_the_topology_") ? "nodes=2,cpus=2" : NULL);
    for (unsigned i = 0; i < PASSES; i++) {
        checks_clear();
        checks_machine_up();
        good = checks_pass(this->index, CHECK_ALL_PLACES, this->places, this->model, passes[i]) &&
               good;
        good = !print_failures() && good;
        if (nt_finding_count() != (uint64_t)checks_shared->FindingsExpected) {
            print_error("%llu findings instead of %d:\n%s", (unsigned long long)nt_finding_count(),
                        checks_shared->FindingsExpected, checks_said());
            good = false;
        }
        for (unsigned place = 0; place < CheckPlaceCount; place++)
            reached |= (uint64_t)(checks_shared->Reached[place] != 0) << place;
        checks_machine_down();
        if (checks_leaked()[0]) {
            print_error("never freed:\n%s", checks_leaked());
            good = false;
        }
    }
    for (unsigned place = 0; place < CheckPlaceCount; place++) {
        if (this->places & ~reached & 1ull << place) {
            print_error("%s was never reached\n", checks_place_names[place]);
            good = false;
        }
    }
    if (!good)
        fail();
}

static void run_fatal_check(void **state)
{
    const struct check_case *this = *state;
    bool good = true;

    for (unsigned place = 0; place < CheckPlaceCount; place++) {
        if (!(this->places >> place & 1))
            continue;
        CHECK_INTERRUPTS interrupts = place == CheckInterrupt ? CheckLine : CheckMessagesApart;
        int status = checks_status_of(this->index, place, this->model, interrupts, NULL);
        if (status == NT_BUGCHECK_EXIT_STATUS)
            continue;
        print_error(status == CHECKS_NOT_REACHED ? "%s was never reached\n"
                                                 : "%s did not stop the machine: exit status %d\n",
                    checks_place_names[place], status);
        good = false;
    }
    if (!good)
        fail();
}

/* False when the model has none of the check's places. */
static bool case_make(struct check_case *this, uint32_t index, const CHECK_LISTED *listed,
                      CHECK_MODEL model)
{
    this->index = index;
    this->model = model;
    this->places = 0;
    for (unsigned i = 0; i < PASSES; i++)
        this->places |= listed->Places & checks_places_of(model, passes[i]);
    snprintf(this->name, sizeof(this->name), "%.90s_%s", listed->Name, model_names[model]);
    return this->places != 0;
}

/* Checks make files in the folder in which they run, under names that follow from the seed, and
 * programs for several models run side by side. */
static void remove_folder(const char *folder)
{
    DIR *entries = opendir(folder);

    if (!entries)
        return;
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;)
        (void)unlinkat(dirfd(entries), entry->d_name, 0);
    closedir(entries);
    rmdir(folder);
}

/* However this program ends: what waits here sees the end of a pipe that nobody writes to, and is
 * in no group of processes that might be killed. */
static void remove_at_the_end(const char *folder)
{
    int ends[2];
    char byte;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return;
    pid_t pid = fork();
    if (pid != 0) {
        close(ends[0]);
        return;
    }
    setsid();
    close(ends[1]);
    for (int descriptor = 0; descriptor <= STDERR_FILENO; descriptor++)
        close(descriptor);
    while (read(ends[0], &byte, 1) < 0 && errno == EINTR) {
    }
    remove_folder(folder);
    _exit(0);
}

static void use_private_folder(void)
{
    const char *parent = getenv("TMPDIR");
    char folder[256];

    snprintf(folder, sizeof(folder), "%s/storhost-checks-XXXXXX", parent ? parent : P_tmpdir);
    if (!mkdtemp(folder) || chdir(folder) != 0) {
        perror(folder);
        return;
    }
    remove_at_the_end(folder);
}

int main(int argc, char **argv)
{
    static struct check_case cases[CHECKS_MAX * CheckModelCount];
    static struct CMUnitTest tests[CHECKS_MAX * CheckModelCount];
    size_t count = 0;

    checks_list();
    for (uint32_t i = 0; i < checks_shared->Count; i++) {
        const CHECK_LISTED *listed = &checks_shared->Check[i];
        if (listed->Kind == CheckCell)
            continue;
        for (CHECK_MODEL model = 0; model < CheckModelCount; model++) {
            struct check_case *this = &cases[count];
            if (!case_make(this, i, listed, model))
                continue;
            tests[count++] = (struct CMUnitTest){
                .name = this->name,
                .test_func = listed->Kind == CheckFatal ? run_fatal_check : run_check,
                .initial_state = this,
            };
        }
    }
    cmocka_set_test_filter(argc > 1 ? argv[1] : NULL);
    use_private_folder();
    return _cmocka_run_group_tests("checks", tests, count, NULL, NULL);
}
