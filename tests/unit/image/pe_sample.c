/*
 * pe_sample.c - a driver for Windows that does one small thing a call, for the tests of the loader.
 */
#include "pe_sample.h"

typedef unsigned long long address;

__declspec(dllimport) int TestAdd(int a, int b);
__declspec(dllimport) int TestAbsent(int a);
__declspec(dllimport) extern int TestVariable;
__declspec(dllimport) extern int TestAbsentVariable;
__declspec(dllimport) int TestByOrdinal(int a);
__declspec(dllimport) int TestLate(int a);

static int counter;
static int SampleLocal(int number);
static int (*const local_routine[])(int) = {SampleLocal};
static int helper_was_called;

/* What a linker takes for the load configuration. */
address __security_cookie = 0x00002B992DDFA232;
void *guard_check;
void *guard_dispatch = (void *)&SampleLocal;
const struct {
    unsigned size;
    unsigned char unused[0x54];
    address *cookie;
    address tables[2];
    void **guard_check, **guard_dispatch;
    address guard_tables[2];
    unsigned guard_flags;
    unsigned char rest[0x20];
} _load_config_used = {
    .size = sizeof(_load_config_used),
    .cookie = &__security_cookie,
    .guard_check = &guard_check,
    .guard_dispatch = &guard_dispatch,
};

__declspec(noinline) static int SampleLocal(int number)
{
    return number + counter;
}

/* Looks up a delayed import at its first call; here all are bound when the image is loaded. */
void *__delayLoadHelper2(const void *descriptor, void **slot)
{
    (void)descriptor;
    (void)slot;
    helper_was_called = 1;
    return (void *)&SampleLocal;
}

static int Read(const volatile void *at, int number)
{
    return number ? *(const volatile int *)at : 0;
}

int DriverEntry(struct pe_sample_call *call, void *unused)
{
    (void)unused;
    call->local = (void *)local_routine[0];
    call->counter = &counter;
    switch (call->command) {
    case PE_SAMPLE_ADD:
        call->result = TestAdd(2, 3);
        break;
    case PE_SAMPLE_COUNT:
        counter++;
        call->result = local_routine[0](0);
        break;
    case PE_SAMPLE_READ_VARIABLE:
        call->result = TestVariable;
        break;
    case PE_SAMPLE_CALL_LATE:
        call->result = TestLate(4);
        break;
    case PE_SAMPLE_HELPER_CALLS:
        call->result = helper_was_called;
        break;
    case PE_SAMPLE_CALL_ABSENT:
        call->result = TestAbsent(1);
        break;
    case PE_SAMPLE_READ_ABSENT:
        call->result = Read(&TestAbsentVariable, call->number);
        break;
    case PE_SAMPLE_CALL_ORDINAL:
        call->result = TestByOrdinal(1);
        break;
    case PE_SAMPLE_COOKIE:
        call->value = __security_cookie;
        break;
    case PE_SAMPLE_GUARDS:
        call->result = guard_check && guard_dispatch == (void *)&SampleLocal;
        break;
    case PE_SAMPLE_SHARED_DATA:
        call->value = *(volatile unsigned *)0xFFFFF78000000260;
        break;
    default:
        return -1;
    }
    return 0;
}
