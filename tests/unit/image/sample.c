/*
 * sample.c - a driver that does one small thing a call, for the tests of the loader.
 */
#include "sample.h"

int TestAdd(int a, int b);
int TestAbsent(int a);
void *memcpy(void *destination, const void *source, unsigned long long size);
extern int *__imp_TestVariable;
extern int *TestPointer; /* named to the build by --data-import */

static int counter;
static int (*const add_routine[])(int, int) = {TestAdd};
static int numbers[16] = {1};
static int raced;

static __declspec(noinline) int SampleLocal(int number)
{
    return number + counter;
}

/* Kept out of line, so that reports have a function of their own to name. */
static __declspec(noinline) int SampleOverflowStack(volatile int index)
{
    volatile char buffer[16];
    for (int i = 0; i < 16; i++)
        buffer[i] = (char)i;
    buffer[index] = 7;
    return buffer[3];
}

/* Frames of this size have their shadow set by callbacks instead of inline. */
static __declspec(noinline) int SampleBigFrame(volatile int index)
{
    int sum = 0;
    {
        volatile char first[2000];
        first[index] = 1;
        sum += first[index];
    }
    {
        volatile char second[3000];
        second[index] = 2;
        sum += second[index];
    }
    return sum;
}

static __declspec(noinline) int SampleOverflowGlobal(volatile int index)
{
    return numbers[index];
}

static __declspec(noinline) int SampleShift(int number)
{
    return 1 << number;
}

static __declspec(noinline) void SampleRace(void)
{
    raced = raced + 1;
}

static int RunDefect(struct sample_call *call)
{
    switch (call->command) {
    case SAMPLE_OVERFLOW_STACK:
        return SampleOverflowStack(call->number);
    case SAMPLE_OVERFLOW_GLOBAL:
        return SampleOverflowGlobal(call->number);
    case SAMPLE_OVERFLOW_HEAP:
        ((volatile char *)call->source)[64] = 1;
        return 0;
    case SAMPLE_OVERFLOW_COPY:
        memcpy(call->destination, call->source, (unsigned long long)call->number);
        return 0;
    case SAMPLE_SHIFT:
        return SampleShift(call->number);
    case SAMPLE_RACE:
        SampleRace();
        return 0;
    default:
        return -1;
    }
}

int DriverEntry(void *driver_object, void *registry_path)
{
    struct sample_call *call = driver_object;
    (void)registry_path;
    call->local = (void *)SampleLocal;
    switch (call->command) {
    case SAMPLE_COUNT:
        counter++;
        call->result = SampleLocal(0);
        return 0;
    case SAMPLE_ADD:
        call->result = TestAdd(2, 3);
        return 0;
    case SAMPLE_ADD_INDIRECT:
        call->result = add_routine[counter & 0](2, 3);
        return 0;
    case SAMPLE_READ_VARIABLE:
        call->result = *__imp_TestVariable;
        return 0;
    case SAMPLE_READ_POINTER:
        call->result = *TestPointer;
        return 0;
    case SAMPLE_CALL_ABSENT:
        call->result = TestAbsent(1) + 1;
        return 0;
    case SAMPLE_BIG_FRAME:
        call->result = SampleBigFrame(7);
        return 0;
    case SAMPLE_COPY:
        memcpy(call->destination, call->source, 64);
        return 0;
    case SAMPLE_WIDTHS:
        call->result = (int)(sizeof(long) * 100 + sizeof(L'a'));
        return 0;
    default:
        call->result = RunDefect(call);
        return 0;
    }
}
