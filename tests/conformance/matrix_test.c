/*
 * matrix_test.c - the matrix of callbacks and synchronization models, a case a cell: at which IRQL
 * and with which locks a callback begins, which locks it may take, and what may begin while it
 * runs. The tables below are the reference's, not the host's.
 */
#include "checks_host.h"

#include "nt/processor.h"

#include <stdio.h>
#include <string.h>

enum {
    PATIENCE_MS = 5000,
    ATTEMPT_MS = 200, /* of two messages */
    ABSENCE_MS = 3,   /* so long something does not begin that would */
    NOT_CALLED = 0xFF,
    P = 0,
    DISPATCH = 2,
    DIRQL = 8,
    NAME_BYTES = 120,
    CASES_MAX = 2048,
};

/* What is held. */
enum {
    NONE = 0,
    SIO = CHECK_HOLDS_START_IO,
    INTERRUPTS = CHECK_HOLDS_INTERRUPT,
    MESSAGE = CHECK_HOLDS_MESSAGE,
    CHANNEL = CHECK_HOLDS_CHANNEL,
    CHANNELS = CHECK_HOLDS_CHANNELS,
};

static const char *const model_names[CheckModelCount] = {
    [CheckHalfDuplex] = "in_half_duplex",
    [CheckFullDuplex] = "in_full_duplex",
    [CheckChannels] = "with_channels",
    [CheckVirtual] = "when_virtual",
};

/* ---- what holds at the entry, and which locks may be taken ---- */

/* A letter a lock - Dpc, StartIo, Interrupt, another message's: y it works, n it is reported, x it
 * stops the machine (on Windows it hangs), - there is none. A routine with a status refuses instead
 * of hanging. */
struct entry {
    uint8_t irql;
    uint8_t holds;
    const char *locks;
};

struct row {
    unsigned place;
    CHECK_INTERRUPTS interrupts;
    const char *name;
    struct entry models[CheckModelCount]; /* half duplex, full duplex, channels, virtual */
};

#define ABSENT                                                                                     \
    {                                                                                              \
        NOT_CALLED, NONE, "----"                                                                   \
    }
#define ALL_MODELS(...)                                                                            \
    {                                                                                              \
        __VA_ARGS__, __VA_ARGS__, __VA_ARGS__, __VA_ARGS__                                         \
    }
#define PHYSICAL_MODELS(...)                                                                       \
    {                                                                                              \
        __VA_ARGS__, __VA_ARGS__, __VA_ARGS__, ABSENT                                              \
    }

static const struct row rows[] = {
    {CheckFindAdapter, CheckMessagesApart, "FindAdapter", ALL_MODELS({P, NONE, "nnn-"})},
    {CheckHwInitialize,
     CheckMessagesApart,
     "HwInitialize",
     {{DIRQL, INTERRUPTS, "nnxn"},
      {DIRQL, INTERRUPTS, "nnxn"},
      {DIRQL, INTERRUPTS, "nnxn"},
      {P, NONE, "nnn-"}}},
    {CheckPassiveInitialize, CheckMessagesApart, "PassiveInitialize",
     ALL_MODELS({P, NONE, "nnn-"})},
    {CheckBuildIo, CheckMessagesApart, "BuildIo", PHYSICAL_MODELS({DISPATCH, NONE, "yyyy"})},
    {CheckStartIo,
     CheckMessagesApart,
     "StartIo",
     {{DIRQL, SIO | INTERRUPTS, "nxxn"},
      {DISPATCH, SIO, "yxyy"},
      {DISPATCH, CHANNEL, "yyyy"},
      {DISPATCH, NONE, "yyy-"}}},
    {CheckInterrupt, CheckLine, "Interrupt", PHYSICAL_MODELS({DIRQL, INTERRUPTS, "nnx-"})},
    {CheckMessage, CheckMessagesApart, "Message", PHYSICAL_MODELS({DIRQL, MESSAGE, "nnxy"})},
    {CheckMessage, CheckMessagesTogether, "Message_of_one_lock",
     PHYSICAL_MODELS({DIRQL, INTERRUPTS, "nnx-"})},
    {CheckTimer,
     CheckMessagesApart,
     "Timer",
     {{DIRQL, SIO | INTERRUPTS, "nxxn"},
      {DISPATCH, SIO, "nxyy"},
      {DISPATCH, SIO, "nxyy"},
      {DISPATCH, SIO, "nxy-"}}},
    {CheckTimerEx,
     CheckMessagesApart,
     "TimerEx",
     {{DIRQL, SIO | INTERRUPTS, "nxxn"},
      {DISPATCH, SIO, "nxyy"},
      {DISPATCH, SIO, "nxyy"},
      {DISPATCH, SIO, "nxy-"}}},
    {CheckResetBus,
     CheckMessagesApart,
     "ResetBus",
     {{DIRQL, SIO | INTERRUPTS, "nxxn"},
      {DISPATCH, SIO, "yxyy"},
      {DISPATCH, SIO | CHANNELS, "yxyy"},
      {DISPATCH, SIO, "yxy-"}}},
    {CheckStateChange,
     CheckMessagesApart,
     "StateChange",
     {{DIRQL, SIO | INTERRUPTS, "nxxn"},
      {DISPATCH, SIO, "nxyy"},
      {DISPATCH, SIO, "nxyy"},
      {DISPATCH, SIO, "nxy-"}}},
    {CheckDpc,
     CheckMessagesApart,
     "Dpc",
     {{DISPATCH, NONE, "yyyy"},
      {DISPATCH, NONE, "yyyy"},
      {DISPATCH, NONE, "yyyy"},
      {DISPATCH, NONE, "yyy-"}}},
    {CheckQueryControls, CheckMessagesApart, "QueryControls", ALL_MODELS({P, NONE, "yyy-"})},
    {CheckStopAdapter, CheckMessagesApart, "StopAdapter", ALL_MODELS({DISPATCH, NONE, "yyy-"})},
    {CheckRunningConfig, CheckMessagesApart, "RunningConfig", ALL_MODELS({P, NONE, "yyy-"})},
    {CheckRestartAdapter, CheckMessagesApart, "RestartAdapter",
     ALL_MODELS({DISPATCH, NONE, "yyy-"})},
    {CheckUnitRemove, CheckMessagesApart, "UnitRemove", ALL_MODELS({P, NONE, "yyy-"})},
    {CheckRegistryNotification, CheckMessagesApart, "RegistryNotification",
     ALL_MODELS({P, NONE, "yyy-"})},
    {CheckInitializeTracing,
     CheckMessagesApart,
     "InitializeTracing",
     {ABSENT, ABSENT, ABSENT, {P, NONE, "----"}}},
    {CheckCleanupTracing,
     CheckMessagesApart,
     "CleanupTracing",
     {ABSENT, ABSENT, ABSENT, {P, NONE, "----"}}},
    {CheckServiceRequest,
     CheckMessagesApart,
     "ProcessServiceRequest",
     {ABSENT, ABSENT, ABSENT, {P, NONE, "yyy-"}}},
    {CheckCompleteServiceIrp,
     CheckMessagesApart,
     "CompleteServiceIrp",
     {ABSENT, ABSENT, ABSENT, {P, NONE, "yyy-"}}},
    {CheckUnitStart, CheckMessagesApart, "UnitStart", ALL_MODELS({P, NONE, "yyy-"})},
    {CheckWorkItem,
     CheckMessagesApart,
     "WorkItem",
     {{P, NONE, "yyyy"}, {P, NONE, "yyyy"}, {P, NONE, "yyyy"}, {P, NONE, "yyy-"}}},
    {CheckThread,
     CheckMessagesApart,
     "Thread",
     {{P, NONE, "yyyy"}, {P, NONE, "yyyy"}, {P, NONE, "yyyy"}, {P, NONE, "yyy-"}}},
    {CheckSynchronized,
     CheckMessagesApart,
     "SynchronizedAccess",
     {{DIRQL, INTERRUPTS, "nnxn"},
      {DIRQL, INTERRUPTS, "nnxn"},
      {DIRQL, INTERRUPTS, "nnxn"},
      {DISPATCH, INTERRUPTS, "--x-"}}},
    {CheckFreeResources,
     CheckMessagesApart,
     "FreeResources",
     {ABSENT, ABSENT, ABSENT, {P, NONE, "yyy-"}}},
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]), LOCKS = 4 };

static const struct {
    const char *cell, *name;
} locks[LOCKS] = {
    {"TakeDpcLock", "Dpc"},
    {"TakeStartIoLock", "StartIo"},
    {"TakeInterruptLock", "Interrupt"},
    {"TakeMessageLock", "message"},
};

struct cell {
    const struct row *row;
    const struct entry *entry;
    CHECK_MODEL model;
    unsigned lock;
    uint32_t check;
    char name[NAME_BYTES];
};

static void entry_is_as_documented(void **state)
{
    const struct cell *cell = *state;
    unsigned place = cell->row->place;

    checks_clear();
    checks_machine_up();
    assert_true(checks_pass(cell->check, place, 1ull << place, cell->model, cell->row->interrupts));
    checks_machine_down();
    assert_true(checks_shared->Reached[place]);
    assert_int_equal(checks_shared->Note[place].Irql, cell->entry->irql);
    assert_int_equal(checks_shared->Note[place].Holds, cell->entry->holds);
}

enum { REPORTED = 10, NOT_TAKEN = 11, TAKEN_AT = 20 };

static int judge_lock(unsigned place)
{
    uint8_t irql = checks_shared->Note[place].HeldIrql;

    return nt_finding_count() ? REPORTED : irql ? TAKEN_AT + irql : NOT_TAKEN;
}

static void lock_is_as_documented(void **state)
{
    const struct cell *cell = *state;
    bool of_interrupts = cell->lock >= 2;
    int expected = NT_BUGCHECK_EXIT_STATUS;
    int status = checks_status_of(cell->check, cell->row->place, cell->model, cell->row->interrupts,
                                  judge_lock);

    switch (cell->entry->locks[cell->lock]) {
    case 'y':
        expected = of_interrupts && cell->model != CheckVirtual ? DIRQL : DISPATCH;
        expected = TAKEN_AT + (expected > cell->entry->irql ? expected : cell->entry->irql);
        break;
    case 'n':
        expected = REPORTED;
        break;
    default:
        break;
    }
    assert_int_equal(status, expected);
}

/* ---- what may begin while something runs ---- */

/* A callback that waits inside itself for another to begin. */
enum { BUILD, START, ISR, OTHER, TIMER, TIMER_EX, RESET, CHANGE, DPC, WORK, PAIRED };

static const struct {
    unsigned place;
    const char *name;
} paired[PAIRED] = {
    [BUILD] = {CheckBuildIo, "BuildIo"},   [START] = {CheckStartIo, "StartIo"},
    [ISR] = {CheckMessage, "a_message"},   [OTHER] = {CheckOtherMessage, "another_message"},
    [TIMER] = {CheckTimer, "Timer"},       [TIMER_EX] = {CheckTimerEx, "TimerEx"},
    [RESET] = {CheckResetBus, "ResetBus"}, [CHANGE] = {CheckStateChange, "StateChange"},
    [DPC] = {CheckDpc, "a_DPC"},           [WORK] = {CheckWorkItem, "a_work_item"},
};

/* A line for what runs, a column for what wants to begin, in the order of the enumeration:
 * o it begins meanwhile, . it waits, - no such pair. A DPC and a message never run beside
 * themselves; a work item that runs may be queued again, which is not this table's affair. */
static const char *const meetings[CheckModelCount][PAIRED] = {
    [CheckHalfDuplex] =
        {
            [BUILD] = "oooooooooo",
            [START] = "o.......oo",
            [ISR] = "o..o....oo",
            [OTHER] = "o.o.....oo",
            [TIMER] = "o.......oo",
            [TIMER_EX] = "o.......oo",
            [RESET] = "........oo", /* the queues are paused */
            [CHANGE] = "o.......oo",
            [DPC] = "oooooooo.o",
            [WORK] = "ooooooooo-",
        },
    [CheckFullDuplex] =
        {
            [BUILD] = "oooooooooo",
            [START] = "o.oo....oo",
            [ISR] = "oo.ooooooo",
            [OTHER] = "ooo.oooooo",
            [TIMER] = "o.oo....oo",
            [TIMER_EX] = "o.oo....oo",
            [RESET] = "..oo....oo",
            [CHANGE] = "o.oo....oo",
            [DPC] = "oooooooo.o",
            [WORK] = "ooooooooo-",
        },
    [CheckChannels] =
        {
            [BUILD] = "oooooooooo",
            [START] = "oooooo.ooo",
            [ISR] = "oo.ooooooo",
            [OTHER] = "ooo.oooooo",
            [TIMER] = "oooo....oo",
            [TIMER_EX] = "oooo....oo",
            [RESET] = "..oo....oo",
            [CHANGE] = "oooo....oo",
            [DPC] = "oooooooo.o",
            [WORK] = "ooooooooo-",
        },
    [CheckVirtual] =
        {
            [BUILD] = "----------",
            [START] = "-o--oooooo",
            [ISR] = "----------",
            [OTHER] = "----------",
            [TIMER] = "-o--....oo",
            [TIMER_EX] = "-o--....oo",
            [RESET] = "-.--....oo",
            [CHANGE] = "-o--....oo",
            [DPC] = "-o--oooo.o",
            [WORK] = "-o--ooooo-",
        },
};

struct pair {
    CHECK_MODEL model;
    unsigned running, beginning;
    bool meets;
    uint32_t check;
    char name[NAME_BYTES];
};

/* One meeting at a time. */
static struct {
    const struct pair *pair;
    struct checks_rig rig;
    uint32_t inside;    /* the first has begun; its processor + 1; __atomic, as the rest */
    uint32_t triggered; /* the other was asked for */
    uint32_t left;      /* the first stopped waiting */
    uint32_t met;       /* the other began before that */
    uint32_t began;     /* the other began, then or later */
    uint32_t entries;   /* of the place, when both are the same */
    unsigned wait_ms;   /* of the first, for the other */
} meeting;

static uint32_t get(const uint32_t *word)
{
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static void set(uint32_t *word, uint32_t value)
{
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

/* At whatever IRQL: interrupts come in as they would between any two instructions. */
static void wait_for(const uint32_t *word, uint64_t wait_ms)
{
    uint64_t deadline = sys_now_ns() + wait_ms * SYS_NS_PER_MS;

    while (!get(word) && sys_now_ns() < deadline) {
        nt_preempt();
        sys_thread_yield();
    }
}

static void first_is_inside(void)
{
    set(&meeting.inside, nt_processor_current()->number + 1);
    wait_for(&meeting.triggered, PATIENCE_MS);
    wait_for(&meeting.began, meeting.wait_ms);
    set(&meeting.left, 1);
}

static VOID NTAPI entered(ULONG place)
{
    const struct pair *pair = meeting.pair;
    unsigned first = paired[pair->running].place, second = paired[pair->beginning].place;
    bool same = first == second;

    if (place != first && place != second)
        return;
    uint32_t entry = same ? __atomic_fetch_add(&meeting.entries, 1, __ATOMIC_ACQ_REL) : 0;
    if (place == first && entry == 0 && !get(&meeting.inside)) {
        first_is_inside();
    } else if (place == second && (!same || entry == 1) && get(&meeting.inside)) {
        if (!get(&meeting.left))
            set(&meeting.met, 1);
        set(&meeting.began, 1);
    }
}

static void trigger(unsigned which)
{
    checks_shared->Trigger(checks_shared->Extension, paired[which].place);
}

/* On a processor that the first does not hold. */
static void trigger_second(void)
{
    nt_irql_raise_on(nt_processor_get(get(&meeting.inside) % checks_processors()));
    trigger(meeting.pair->beginning);
    nt_irql_lower(NT_PASSIVE_LEVEL);
    set(&meeting.triggered, 1);
}

/* The device has one thread, which serves one message at a time where it finds the processor free.
 * So that it can raise the other, the first is served here: on the processor it is aimed at. */
static void serve_first_message(void)
{
    nt_irql_raise_on(nt_processor_get(meeting.pair->running == ISR ? 0 : 1));
    trigger(meeting.pair->running);
    wait_for(&meeting.inside, PATIENCE_MS);
    nt_irql_lower(NT_PASSIVE_LEVEL);
    wait_for(&meeting.left, PATIENCE_MS);
}

static void second_main(void *context)
{
    unsigned beginning = meeting.pair->beginning;
    struct port_queue *queue;

    (void)context;
    assert_int_equal(port_queue_create(&queue), 0);
    while (!get(&meeting.inside))
        sys_thread_yield();
    if (beginning == START || beginning == BUILD || beginning == RESET)
        set(&meeting.triggered, 1); /* by what follows, which may wait for the first */
    if (beginning == RESET)
        checks_reset_bus(&meeting.rig, queue);
    else if (beginning == START || beginning == BUILD)
        assert_true(checks_visit(&meeting.rig, queue, paired[beginning].place));
    else
        trigger_second();
    wait_for(&meeting.began, PATIENCE_MS);
    port_queue_destroy(queue);
}

static bool is_message(unsigned callback)
{
    return callback == ISR || callback == OTHER;
}

static void meet(const struct pair *pair, unsigned wait_ms)
{
    struct checks_rig *rig = &meeting.rig;
    struct sys_thread *thread;

    memset(&meeting, 0, sizeof(meeting));
    meeting.pair = pair;
    meeting.wait_ms = wait_ms;
    checks_clear();
    checks_shared->Entered = entered;
    checks_machine_up_aimed();
    checks_load(rig, pair->check, CHECK_ALL_PLACES, pair->model, CheckMessagesApart);
    checks_start(rig, pair->model, CheckMessagesApart);
    assert_int_equal(nt_thread_create(&thread, "second", second_main, NULL), 0);
    if (pair->running == RESET)
        checks_reset_bus(rig, rig->queue);
    else if (is_message(pair->running))
        serve_first_message();
    else
        assert_true(checks_visit(rig, rig->queue, paired[pair->running].place));
    sys_thread_join(thread);
    assert_true(checks_stop(rig));
    checks_machine_down();
    assert_true(get(&meeting.inside));
    assert_true(get(&meeting.began));
}

static void pair_meets_as_documented(void **state)
{
    enum { ATTEMPTS = 50 };
    const struct pair *pair = *state;
    bool both = is_message(pair->running) && is_message(pair->beginning) &&
                pair->running != pair->beginning;
    unsigned attempts = 0;

    /* Each attempt is a chance: on a busy host the device's thread may serve the first one. */
    do
        meet(pair, !pair->meets ? ABSENCE_MS : both ? ATTEMPT_MS : PATIENCE_MS);
    while (both && pair->meets && !get(&meeting.met) && ++attempts < ATTEMPTS);
    assert_int_equal(get(&meeting.met), pair->meets);
}

/* ---- the cases ---- */

static struct CMUnitTest tests[CASES_MAX];
static size_t test_count;

static void add(const char *name, void *state, CMUnitTestFunction run)
{
    assert_true(test_count < CASES_MAX);
    tests[test_count++] =
        (struct CMUnitTest){.name = name, .test_func = run, .initial_state = state};
}

static const char *level_name(uint8_t irql)
{
    return irql == P ? "PASSIVE" : irql == DISPATCH ? "DISPATCH" : "DIRQL";
}

static const char *holds_name(uint8_t holds)
{
    static const struct {
        uint8_t holds;
        const char *name;
    } names[] = {
        {NONE, "no_lock"},
        {SIO, "the_StartIo_lock"},
        {INTERRUPTS, "the_interrupt_lock"},
        {SIO | INTERRUPTS, "the_StartIo_and_the_interrupt_lock"},
        {MESSAGE, "its_own_lock"},
        {CHANNEL, "its_channel"},
        {SIO | CHANNELS, "the_StartIo_lock_and_all_channels"},
    };

    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].holds == holds)
            return names[i].name;
    return "?";
}

static void add_entry(const struct row *row, CHECK_MODEL model)
{
    static struct cell cells[ROWS * CheckModelCount * (LOCKS + 1)];
    static size_t count;
    struct cell *cell = &cells[count];
    const struct entry *entry = &row->models[model];

    if (entry->irql == NOT_CALLED)
        return;
    *cell = (struct cell){
        .row = row, .entry = entry, .model = model, .check = checks_find("EntryOfCallback")};
    snprintf(cell->name, NAME_BYTES, "%s_%s_begins_at_%s_with_%s", row->name, model_names[model],
             level_name(entry->irql), holds_name(entry->holds));
    add(cell->name, cell, entry_is_as_documented);
    count++;
    for (unsigned lock = 0; lock < LOCKS; lock++) {
        if (entry->locks[lock] == '-')
            continue;
        cell = &cells[count++];
        *cell = cells[count - 2];
        cell->lock = lock;
        cell->check = checks_find(locks[lock].cell);
        snprintf(cell->name, NAME_BYTES, "%s_%s_%s_the_%s_lock", row->name, model_names[model],
                 entry->locks[lock] == 'y' ? "may_take" : "must_not_take", locks[lock].name);
        add(cell->name, cell, lock_is_as_documented);
    }
}

static void add_pair(CHECK_MODEL model, unsigned running, unsigned beginning)
{
    static struct pair pairs[CheckModelCount * PAIRED * PAIRED];
    static size_t count;
    char meets = meetings[model][running][beginning];

    if (meets == '-')
        return;
    struct pair *pair = &pairs[count++];
    *pair = (struct pair){.model = model,
                          .running = running,
                          .beginning = beginning,
                          .meets = meets == 'o',
                          .check = checks_find("EntryOfCallback")};
    snprintf(pair->name, NAME_BYTES, "%s_%s_%s_%s", paired[beginning].name,
             pair->meets ? "may_begin_during" : "waits_for", paired[running].name,
             model_names[model]);
    add(pair->name, pair, pair_meets_as_documented);
}

int main(int argc, char **argv)
{
    checks_list();
    for (unsigned i = 0; i < ROWS; i++)
        for (CHECK_MODEL model = 0; model < CheckModelCount; model++)
            add_entry(&rows[i], model);
    for (CHECK_MODEL model = 0; model < CheckModelCount; model++)
        for (unsigned running = 0; running < PAIRED; running++)
            for (unsigned beginning = 0; beginning < PAIRED; beginning++)
                add_pair(model, running, beginning);
    cmocka_set_test_filter(argc > 1 ? argv[1] : NULL);
    return _cmocka_run_group_tests("matrix", tests, test_count, NULL, NULL);
}
