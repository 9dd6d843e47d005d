/*
 * mdl.c - memory descriptor lists: the header of Windows with the page numbers behind it.
 */
#include "nt/mdl.h"

#include "nt/user_memory.h"
#include "sys/sys.h"

#include <string.h>

enum { MDL_POOL_TAG = 0x206C644D, /* "Mdl " */ MDL_SIZE_MAX = 0x7FF8 };

static uintptr_t page_start(const void *memory)
{
    return (uintptr_t)memory & ~(uintptr_t)(NT_PAGE_SIZE - 1);
}

static size_t pages_spanned(const void *memory, size_t length)
{
    size_t offset = (uintptr_t)memory - page_start(memory);
    return (offset + length + NT_PAGE_SIZE - 1) / NT_PAGE_SIZE;
}

size_t nt_mdl_size(const void *memory, size_t length)
{
    return sizeof(MDL) + pages_spanned(memory, length) * sizeof(PFN_NUMBER);
}

void nt_mdl_format(MDL *mdl, void *memory, size_t length)
{
    size_t size = nt_mdl_size(memory, length);

    sh_assert(length <= UINT32_MAX); /* ByteCount has 32 bits */
    *mdl = (MDL){0};
    /* The field cannot tell the size of long lists; drivers only compare it. */
    mdl->Size = (CSHORT)(size > MDL_SIZE_MAX ? MDL_SIZE_MAX : size);
    mdl->StartVa = (PVOID)page_start(memory);
    mdl->ByteOffset = (ULONG)((uintptr_t)memory - page_start(memory));
    mdl->ByteCount = (ULONG)length;
}

void nt_mdl_build(MDL *mdl)
{
    char *start = mdl->StartVa;
    PFN_NUMBER *frames = (PFN_NUMBER *)(mdl + 1);
    size_t count = pages_spanned(start + mdl->ByteOffset, mdl->ByteCount);

    for (size_t i = 0; i < count; i++)
        frames[i] = nt_physical_address(start + i * NT_PAGE_SIZE) / NT_PAGE_SIZE;
    mdl->MappedSystemVa = start + mdl->ByteOffset;
    mdl->MdlFlags |= MDL_SOURCE_IS_NONPAGED_POOL;
}

MDL *nt_mdl_allocate(void *memory, size_t length)
{
    return nt_mdl_allocate_for(memory, length, NULL);
}

MDL *nt_mdl_allocate_for(void *memory, size_t length, const void *owner)
{
    if (length > UINT32_MAX)
        return NULL;
    MDL *mdl = nt_pool_allocate(nt_mdl_size(memory, length), MDL_POOL_TAG, owner);
    if (mdl)
        nt_mdl_format(mdl, memory, length);
    return mdl;
}

void nt_mdl_free(MDL *mdl)
{
    nt_pool_free(mdl);
}

/* ---- memory of a process ---- */

bool nt_mdl_lock_user(MDL *mdl, struct nt_process *process)
{
    const char *start = (const char *)mdl->StartVa + mdl->ByteOffset;

    if (!process->is_client)
        return true;
    if (!nt_user_memory_lock(process, start, mdl->ByteCount))
        return false;
    mdl->Process = (PEPROCESS)process;
    return true;
}

void nt_mdl_unlock(MDL *mdl)
{
    struct nt_process *process = (struct nt_process *)mdl->Process;

    mdl->Process = NULL;
    if (process)
        nt_user_memory_unlock(process, (const char *)mdl->StartVa + mdl->ByteOffset);
}
