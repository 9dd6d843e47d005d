/*
 * mdl.h - memory descriptor lists in Windows' own layout, with their page arrays.
 */
#ifndef STORHOST_NT_MDL_H
#define STORHOST_NT_MDL_H

#include "nt/memory.h"
#include "nt/process.h"
#include <wdm.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Allocates from pool (<= DISPATCH_LEVEL); page array not filled. NULL when pool is exhausted. */
MDL *nt_mdl_allocate(void *memory, size_t length);
/* The same, reported as a leak of `owner`. */
MDL *nt_mdl_allocate_for(void *memory, size_t length, const void *owner);
void nt_mdl_free(MDL *mdl);
/* Bytes that an MDL for this buffer needs. */
size_t nt_mdl_size(const void *memory, size_t length);
/* Formats an MDL in memory of nt_mdl_size bytes (MmInitializeMdl). */
void nt_mdl_format(MDL *mdl, void *memory, size_t length);
/* The memory is the process's, and stays mapped until the unlock. False: it is not the process's.
 * At most DISPATCH_LEVEL. */
bool nt_mdl_lock_user(MDL *mdl, struct nt_process *process);
/* Nothing for an MDL that was not locked so. */
void nt_mdl_unlock(MDL *mdl);
/* Fills the page array and the system address; the memory stays where it is. */
void nt_mdl_build(MDL *mdl);

#ifdef __cplusplus
}
#endif

#endif
