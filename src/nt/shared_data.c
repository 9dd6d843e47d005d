/*
 * shared_data.c - one page in two mappings: ours is always written to, the drivers' is read-only or
 * closed.
 */
#include "nt/shared_data.h"

#include "nt/memory.h"
#include "nt/private.h"
#include "nt/system.h"
#include "nt/time_zone.h"
#include "sys/sys.h"

#include <ntddk.h>
#include <string.h>
#include <sys/mman.h>

_Static_assert(NT_SHARED_DATA_ADDRESS == KI_USER_SHARED_DATA, "as the kit has it");
_Static_assert(sizeof(KUSER_SHARED_DATA) <= NT_SHARED_DATA_BYTES, "one page");
_Static_assert(offsetof(KUSER_SHARED_DATA, SystemTime) == 0x14, "what drivers have compiled in");
_Static_assert(offsetof(KUSER_SHARED_DATA, TickCount) == 0x320, "what drivers have compiled in");

enum {
    ARCHITECTURE_AMD64 = 9,
    MACHINE_AMD64 = 0x8664, /* in the headers of images */
    LARGE_PAGE_BYTES = 2 << 20,
    /* Milliseconds of a tick, as a fraction of 2^24. */
    TICK_MULTIPLIER = 125 * (1 << 21),
};

/* What each machine that can run this Windows has, whatever this one has besides: a seed replays
 * the same anywhere. */
static const uint8_t features[] = {
    2,  /* 8 bytes compared and exchanged */
    3,  /* MMX */
    6,  /* SSE */
    8,  /* RDTSC */
    9,  /* physical addresses of more than 32 bits */
    10, /* SSE2 */
    12, /* pages that are not executed */
    13, /* SSE3 */
    14, /* 16 bytes compared and exchanged */
    23, /* fast fail */
};

static struct sys_mutex made_mutex;
static KUSER_SHARED_DATA *page;       /* ours */
static const unsigned char *readable; /* the drivers'; __atomic */

static struct raw_lock lock; /* of all below, and of the page's times */
static uint64_t tick_written;
static uint64_t open_until_ns; /* 0: closed */

/* ---- times ---- */

/* Whoever reads the halves one by one compares the two upper ones; who reads 8 bytes gets them from
 * one store. */
static void time_store(volatile KSYSTEM_TIME *time, uint64_t value)
{
    uint32_t upper = (uint32_t)(value >> 32);

    __atomic_store_n(&time->High2Time, (LONG)upper, __ATOMIC_RELEASE);
    __asm__ volatile("movq %1, %0" : "=m"(*(volatile char(*)[8])time) : "r"(value) : "memory");
}

/* The lock is held. */
static void times_write(uint64_t now_ns)
{
    uint64_t tick = now_ns / NT_TICK_NS;

    if (tick == tick_written)
        return;
    tick_written = tick;
    uint64_t since_tick_100ns = now_ns % NT_TICK_NS / 100;
    time_store(&page->InterruptTime, tick * NT_TICK_100NS);
    time_store(&page->SystemTime, sys_utc_100ns() - since_tick_100ns);
    time_store(&page->TimeZoneBias, (uint64_t)nt_time_zone_bias_100ns());
    time_store(&page->TickCount, tick);
    page->TickCountLowDeprecated = (ULONG)tick;
}

bool nt_shared_data_open(const void *address)
{
    const unsigned char *start = __atomic_load_n(&readable, __ATOMIC_ACQUIRE);

    if (!start || (uintptr_t)address - (uintptr_t)start >= NT_SHARED_DATA_BYTES)
        return false;
    raw_lock_acquire(&lock);
    uint64_t now_ns = sys_now_ns();
    bool was_closed = !open_until_ns;
    times_write(now_ns);
    open_until_ns = now_ns - now_ns % NT_TICK_NS + NT_TICK_NS;
    bool opened = mprotect((void *)start, NT_SHARED_DATA_BYTES, PROT_READ) == 0;
    raw_lock_release(&lock);
    if (was_closed)
        timers_look_again();
    return opened;
}

uint64_t shared_data_close(uint64_t now_ns)
{
    raw_lock_acquire(&lock);
    if (open_until_ns && open_until_ns <= now_ns &&
        mprotect((void *)readable, NT_SHARED_DATA_BYTES, PROT_NONE) == 0)
        open_until_ns = tick_written = 0;
    uint64_t look_again_ns = open_until_ns ? open_until_ns : SYS_FOREVER;
    raw_lock_release(&lock);
    return look_again_ns;
}

bool nt_shared_data_read(uint64_t address, void *data, size_t size)
{
    uint64_t offset = address - NT_SHARED_DATA_ADDRESS;

    if (offset >= NT_SHARED_DATA_BYTES || size > NT_SHARED_DATA_BYTES - offset ||
        !__atomic_load_n(&readable, __ATOMIC_ACQUIRE))
        return false;
    raw_lock_acquire(&lock);
    times_write(sys_now_ns());
    memcpy(data, (const unsigned char *)page + offset, size);
    raw_lock_release(&lock);
    return true;
}

/* ---- what stays ---- */

static void constants_write(void)
{
    static const uint16_t root[] = {'C', ':', '\\', 'W', 'i', 'n', 'd', 'o', 'w', 's'};
    size_t memory_bytes;
    void *base;
    int file;

    nt_arena_describe(&file, &base, &memory_bytes);
    page->TickCountMultiplier = TICK_MULTIPLIER;
    page->ImageNumberLow = page->ImageNumberHigh = MACHINE_AMD64;
    memcpy(page->NtSystemRoot, root, sizeof(root));
    page->LargePageMinimum = LARGE_PAGE_BYTES;
    page->NtBuildNumber = NT_SYSTEM_BUILD;
    page->NtProductType = (NT_PRODUCT_TYPE)NT_SYSTEM_PRODUCT_TYPE;
    page->ProductTypeIsValid = TRUE;
    page->NativeProcessorArchitecture = ARCHITECTURE_AMD64;
    page->NtMajorVersion = NT_SYSTEM_MAJOR;
    page->NtMinorVersion = NT_SYSTEM_MINOR;
    for (size_t i = 0; i < sizeof(features); i++)
        page->ProcessorFeatures[features[i]] = TRUE;
    page->BootId = 1;
    page->SuiteMask = NT_SYSTEM_SUITE_MASK;
    page->NumberOfPhysicalPages = (ULONG)(memory_bytes / NT_PAGE_SIZE);
    page->QpcFrequency = (LONGLONG)SYS_NS_PER_S;
    page->ActiveProcessorCount = nt_topology()->processor_count;
    page->UnparkedProcessorCount = (USHORT)nt_topology()->processor_count;
    page->ActiveGroupCount = (UCHAR)nt_topology()->group_count;
    if (!page->Cookie)
        page->Cookie = (ULONG)sys_random() | 1;
}

/* The mutex is held. */
static bool make(void)
{
    int file;
    void *view;

    if (sys_shared_memory_create_small("shared-data", NT_SHARED_DATA_BYTES, &file, (void **)&page))
        return false;
    if (sys_shared_memory_map(file, 0, NT_SHARED_DATA_BYTES, NULL, &view)) {
        sys_shared_memory_destroy(file, page, NT_SHARED_DATA_BYTES);
        return false;
    }
    if (mprotect(view, NT_SHARED_DATA_BYTES, PROT_NONE)) {
        sys_shared_memory_unmap(view, NT_SHARED_DATA_BYTES);
        sys_shared_memory_destroy(file, page, NT_SHARED_DATA_BYTES);
        return false;
    }
    __atomic_store_n(&readable, view, __ATOMIC_RELEASE);
    return true;
}

const void *nt_shared_user_data(void)
{
    sys_mutex_lock(&made_mutex);
    bool made = readable || make();
    if (made)
        constants_write();
    sys_mutex_unlock(&made_mutex);
    return made ? readable : NULL;
}
