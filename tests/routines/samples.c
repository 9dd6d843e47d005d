/*
 * samples.c - routines that do something and routines that do not, in the tables of a real build.
 * machine_code_test.py compiles them in many ways; a name that begins with Empty says what is
 * expected.
 */
#include "nt/export.h"
#include "storport/adapter.h"

uint32_t sample_count;
uint32_t sample_limit = 5;

/* ---- imports ---- */

ULONG NT_ABI EmptyAnswersZero(PVOID extension, ULONG value);
ULONG NT_ABI EmptyAnswersZero(PVOID extension, ULONG value)
{
    (void)extension;
    (void)value;
    return 0;
}
NT_EXPORT("storport.sys", EmptyAnswersZero, "General", 15);

BOOLEAN NT_ABI EmptyAnswersTrueWhateverIsGiven(PVOID extension, ULONG value);
BOOLEAN NT_ABI EmptyAnswersTrueWhateverIsGiven(PVOID extension, ULONG value)
{
    (void)extension;
    if (value > 5)
        return TRUE;
    return TRUE;
}
NT_EXPORT("storport.sys", EmptyAnswersTrueWhateverIsGiven, "General", 15);

VOID NT_ABI EmptyAnswersNothing(PVOID extension);
VOID NT_ABI EmptyAnswersNothing(PVOID extension)
{
    (void)extension;
}
NT_EXPORT("storport.sys", EmptyAnswersNothing, "General", 15);

static __attribute__((noinline)) ULONG not_now(ULONG value)
{
    return value ? STOR_STATUS_NOT_IMPLEMENTED : STOR_STATUS_NOT_IMPLEMENTED;
}

ULONG NT_ABI EmptyAsksAnotherThatIs(ULONG value);
ULONG NT_ABI EmptyAsksAnotherThatIs(ULONG value)
{
    return not_now(value);
}
NT_EXPORT("storport.sys", EmptyAsksAnotherThatIs, "General", 15);

ULONG NT_ABI ConvertsItsArgument(ULONG value);
ULONG NT_ABI ConvertsItsArgument(ULONG value)
{
    return value + 1;
}
NT_EXPORT("storport.sys", ConvertsItsArgument, "General", 15);

BOOLEAN NT_ABI ChecksItsArgument(ULONG value);
BOOLEAN NT_ABI ChecksItsArgument(ULONG value)
{
    if (value == 5)
        return FALSE;
    return TRUE;
}
NT_EXPORT("storport.sys", ChecksItsArgument, "General", 15);

ULONG NT_ABI ReadsAVariable(void);
ULONG NT_ABI ReadsAVariable(void)
{
    return sample_limit;
}
NT_EXPORT("storport.sys", ReadsAVariable, "General", 15);

VOID NT_ABI WritesAVariable(ULONG value);
VOID NT_ABI WritesAVariable(ULONG value)
{
    sample_count += value;
}
NT_EXPORT("storport.sys", WritesAVariable, "General", 15);

ULONG NT_ABI WritesThroughItsArgument(ULONG *value);
ULONG NT_ABI WritesThroughItsArgument(ULONG *value)
{
    *value = 0;
    return 0;
}
NT_EXPORT("storport.sys", WritesThroughItsArgument, "General", 15);

ULONG NT_ABI CallsWhatItIsGiven(ULONG (*routine)(void));
ULONG NT_ABI CallsWhatItIsGiven(ULONG (*routine)(void))
{
    routine();
    return 0;
}
NT_EXPORT("storport.sys", CallsWhatItIsGiven, "General", 15);

/* ---- by code ---- */

static ULONG accept(struct storport_adapter *adapter, PVOID extension,
                    __builtin_ms_va_list *arguments)
{
    ULONG count = STORPORT_ARGUMENT(arguments, ULONG);
    PVOID buffer = STORPORT_ARGUMENT(arguments, PVOID);

    (void)adapter;
    (void)extension;
    if (!buffer)
        return STOR_STATUS_INVALID_PARAMETER;
    return count > sample_limit ? STOR_STATUS_BUFFER_TOO_SMALL : STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(200, "EmptyAcceptsItsArguments", "General", accept);

static ULONG refuse(struct storport_adapter *adapter, PVOID extension,
                    __builtin_ms_va_list *arguments)
{
    (void)adapter;
    (void)extension;
    (void)arguments;
    return STOR_STATUS_NOT_IMPLEMENTED;
}
STORPORT_EXTENDED(201, "EmptyRefuses", "General", refuse);

static ULONG answer(struct storport_adapter *adapter, PVOID extension,
                    __builtin_ms_va_list *arguments)
{
    ULONG *value = STORPORT_ARGUMENT(arguments, ULONG *);

    (void)adapter;
    (void)extension;
    if (!value)
        return STOR_STATUS_INVALID_PARAMETER;
    *value = 0;
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(202, "AnswersThroughItsArgument", "General", answer);

static ULONG remember(struct storport_adapter *adapter, PVOID extension,
                      __builtin_ms_va_list *arguments)
{
    (void)extension;
    (void)arguments;
    adapter->passive_initialize = NULL;
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(203, "WritesTheAdapter", "General", remember);

static ULONG fence(struct storport_adapter *adapter, PVOID extension,
                   __builtin_ms_va_list *arguments)
{
    (void)adapter;
    (void)extension;
    (void)arguments;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(204, "OrdersAccesses", "General", fence);

static void swallow(struct storport_adapter *adapter, __builtin_ms_va_list *arguments)
{
    (void)adapter;
    sample_limit == STORPORT_ARGUMENT(arguments, ULONG) ? (void)0 : (void)arguments;
}
STORPORT_NOTIFICATION(TraceNotification, "EmptySwallowsItsArguments", "General", swallow);

static void count(struct storport_adapter *adapter, __builtin_ms_va_list *arguments)
{
    (void)adapter;
    __atomic_fetch_add(&sample_count, STORPORT_ARGUMENT(arguments, ULONG), __ATOMIC_RELAXED);
}
STORPORT_NOTIFICATION(LinkUp, "CountsItsArgument", "General", count);
