/*
 * shared_data.h - the page that Windows' kernel shares with everybody (KUSER_SHARED_DATA): what
 * time it is, which system, what the processor can do. Compiled drivers load from it.
 *
 * Its times move with the ticks of the machine's clock, 15.625 ms, and nothing ticks while nobody
 * looks: the page cannot be read until somebody tries; then it is brought up to date, can be read
 * until the tick ends, and is closed again. So an idle machine sleeps, and a driver that reads the
 * time with every request pays for one fault a tick.
 */
#ifndef STORHOST_NT_SHARED_DATA_H
#define STORHOST_NT_SHARED_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where it is on Windows, and where no process can have memory. */
#define NT_SHARED_DATA_ADDRESS 0xFFFFF78000000000ull
enum {
    NT_SHARED_DATA_BYTES = 4096,
    NT_TICK_100NS = 156250,
    NT_TICK_NS = 100 * NT_TICK_100NS,
};

/* Our copy of the page, which drivers may read and nobody may write to; what does not change with
 * the time is brought up to date by the call. It stays for ever. NULL: out of memory.
 * PASSIVE_LEVEL, while a machine runs. */
const void *nt_shared_user_data(void);

/* A read of the copy at `address` has faulted: true when it shall be tried again, false when the
 * address is not in the copy. Async-signal-safe, any IRQL. */
bool nt_shared_data_open(const void *address);

/* What lies at an address of Windows' page, for a driver that reads it there. False when it is not
 * all in the page. Any IRQL. */
bool nt_shared_data_read(uint64_t address, void *data, size_t size);

#ifdef __cplusplus
}
#endif

#endif
