/*
 * backtrace.c - who called whom, for reports that end the process.
 *
 * The unwinder follows DWARF call frame information, so it passes host code and ELF modules. At a
 * PE image, which has none, it stops; the evidence frames of src/nt then tell how the thread got
 * there.
 */
#include "sys/sys.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <stdio.h>
#include <string.h>

enum { FRAMES_MAX = 64 };

void sys_address_describe(const void *address, char *line, size_t size)
{
    Dl_info info;

    if (!dladdr(address, &info) || !info.dli_fname) {
        snprintf(line, size, "%p", address);
        return;
    }
    const char *module = strrchr(info.dli_fname, '/');
    module = module ? module + 1 : info.dli_fname;
    size_t module_offset = (size_t)((const char *)address - (const char *)info.dli_fbase);
    if (info.dli_sname) {
        size_t offset = (size_t)((const char *)address - (const char *)info.dli_saddr);
        snprintf(line, size, "%s+%#zx (%s+%#zx)", module, module_offset, info.dli_sname, offset);
    } else {
        snprintf(line, size, "%s+%#zx", module, module_offset);
    }
}

size_t sys_backtrace_addresses(void **ret_addresses, size_t count)
{
    int stored = backtrace(ret_addresses, count > FRAMES_MAX ? FRAMES_MAX : (int)count);
    return stored < 0 ? 0 : (size_t)stored;
}

void sys_backtrace(void (*emit)(void *context, const char *line), void *context)
{
    void *addresses[FRAMES_MAX];
    char line[512];
    size_t count = sys_backtrace_addresses(addresses, FRAMES_MAX);

    /* The first frame is this function. */
    for (size_t i = 1; i < count; i++) {
        sys_address_describe(addresses[i], line, sizeof(line));
        emit(context, line);
    }
}
