/*
 * user_memory.h - memory of processes that open devices from outside.
 *
 * What a client wants drivers to reach by its own addresses lies in shared memory that both
 * processes map at the same address, chosen here from one reserved range. In a client's context
 * only this memory, and the buffers of its requests, pass for addresses of its own: an address that
 * it invents would be one of ours.
 *
 * Memory stays mapped while a driver has it locked and while requests of the process are under way,
 * whatever becomes of the client: its file is sealed against shrinking.
 */
#ifndef STORHOST_NT_USER_MEMORY_H
#define STORHOST_NT_USER_MEMORY_H

#include "nt/process.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { NT_USER_REGIONS_MAX = 256 };
#define NT_USER_MAPPED_BYTES_MAX (1ull << 30) /* of one process */

/* Maps `size` bytes (whole pages) of a memory file of the client. The file stays the caller's. 0;
 * -EINVAL: no sealed memory file of that size; -ENOSPC: beyond the limits; -ENOMEM. PASSIVE_LEVEL.
 */
int nt_user_memory_map(struct nt_process *process, int fd, size_t size, void **ret_address);
/* It is the client's no more; -ENOENT: no such region. At most DISPATCH_LEVEL. */
int nt_user_memory_unmap(struct nt_process *process, void *address);
/* A buffer of a request, ours and not mapped (of malloc): the client's for as long as the request
 * lasts, and there while drivers have it locked. 0: it is freed by the removal; -ENOMEM, -ENOSPC.
 */
int nt_user_buffer_add(struct nt_process *process, void *address, size_t size);
void nt_user_buffer_remove(struct nt_process *process, void *address);

/* All of it is the process's: true for any address of a process that is no client. Any IRQL up to
 * DISPATCH_LEVEL. */
bool nt_user_memory_holds(struct nt_process *process, const volatile void *address, size_t size);
/* Keeps it mapped; to be followed by an unlock of the same address. False: it is not the client's.
 */
bool nt_user_memory_lock(struct nt_process *process, const void *address, size_t size);
void nt_user_memory_unlock(struct nt_process *process, const void *address);

/* Around each request of a client. */
void nt_user_request_begin(struct nt_process *process);
void nt_user_request_end(struct nt_process *process);

/* The last reference to the process goes. */
void user_memory_forget(struct nt_process *process);

#ifdef __cplusplus
}
#endif

#endif
