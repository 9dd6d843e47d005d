/*
 * handle_memory.c - memory that a client shares with the machine, at one address in both.
 */
#include "api/handle_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PAGE_BYTES = 4096, TRIES_MAX = 32 };

/* The machine says where; what is taken here is given back only when a place was found, so that no
 * place is offered twice. */
static int place_find(struct storhost_handle *handle, int fd, size_t size, void **ret_address)
{
    void *refused[TRIES_MAX];
    unsigned count = 0;
    int error;

    do {
        error = handle_memory_ask(handle, fd, size, ret_address);
        if (error != 0)
            break;
        error = sys_user_memory_map_at(fd, size, *ret_address);
        if (error != 0)
            refused[count++] = *ret_address;
    } while (error == -EEXIST && count < TRIES_MAX);
    while (count-- > 0)
        handle_memory_give_back(handle, refused[count]);
    return error;
}

STORHOST_API int storhost_handle_memory(struct storhost_handle *handle, size_t size,
                                        void **ret_memory)
{
    size_t whole = (size + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    void *address = NULL;
    int fd;

    if (size == 0 || whole < size)
        return -EINVAL;
    if (handle->is_own) {
        address = aligned_alloc(PAGE_BYTES, whole);
        if (address == NULL)
            return -ENOMEM;
        memset(address, 0, whole);
    }
    struct handle_memory *memory = calloc(1, sizeof(*memory));
    int error = memory == NULL ? -ENOMEM : 0;
    if (error == 0 && !handle->is_own) {
        error = sys_user_memory_create(whole, &fd);
        if (error == 0) {
            error = place_find(handle, fd, whole, &address);
            close(fd);
        }
    }
    if (error != 0) {
        if (handle->is_own)
            free(address);
        free(memory);
        return error;
    }
    *memory = (struct handle_memory){.address = address, .size = whole};
    sys_mutex_lock(&handle->mutex);
    memory->next = handle->memory;
    handle->memory = memory;
    sys_mutex_unlock(&handle->mutex);
    *ret_memory = address;
    return 0;
}

static void memory_free(const struct storhost_handle *handle, struct handle_memory *memory)
{
    if (handle->is_own)
        free(memory->address);
    else
        sys_user_memory_unmap(memory->address, memory->size);
    free(memory);
}

STORHOST_API void storhost_handle_memory_free(struct storhost_handle *handle, void *memory)
{
    struct handle_memory *found = NULL;

    sys_mutex_lock(&handle->mutex);
    for (struct handle_memory **link = &handle->memory; *link != NULL; link = &(*link)->next) {
        if ((*link)->address == memory) {
            found = *link;
            *link = found->next;
            break;
        }
    }
    sys_mutex_unlock(&handle->mutex);
    if (found == NULL)
        return;
    if (!handle->is_own)
        handle_memory_give_back(handle, memory);
    memory_free(handle, found);
}

bool handle_memory_holds(struct storhost_handle *handle, const void *memory, size_t length)
{
    bool holds = false;

    if (length == 0)
        return false;
    sys_mutex_lock(&handle->mutex);
    for (const struct handle_memory *one = handle->memory; one != NULL && !holds; one = one->next) {
        size_t offset = (size_t)((uintptr_t)memory - (uintptr_t)one->address);
        holds = (uintptr_t)memory >= (uintptr_t)one->address && offset < one->size &&
                length <= one->size - offset;
    }
    sys_mutex_unlock(&handle->mutex);
    return holds;
}

void handle_memory_forget(struct storhost_handle *handle)
{
    while (handle->memory != NULL) {
        struct handle_memory *memory = handle->memory;
        handle->memory = memory->next;
        memory_free(handle, memory);
    }
}
