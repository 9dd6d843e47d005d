/*
 * dump.c - crash dumps and hibernation of the C API.
 */
#include "port/dump.h"

#include "api/api_internal.h"
#include "nt/freeze.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FREEZE_TIMEOUT_S = 10 };

struct storhost_dump {
    struct port_dump *dump;
    uint32_t block_size;
};

static void error_put(struct storhost_error *error, const char *reason, int number)
{
    api_error(error, "%s", reason[0] != '\0' ? reason : strerror(-number));
}

STORHOST_API int storhost_dump_prepare(struct storhost_dump **ret_dump, struct storhost_unit *unit,
                                       unsigned modes, struct storhost_error *error)
{
    struct storhost_unit_info info = {.size = sizeof(info)};
    char reason[sizeof(error->text)] = "";
    const unsigned known = 1u << STORHOST_DUMP_CRASH | 1u << STORHOST_DUMP_HIBERNATE |
                           1u << STORHOST_DUMP_MARK_MEMORY | 1u << STORHOST_DUMP_RESUME;

    if (modes == 0 || (modes & ~known) != 0) {
        api_error(error, "storhost_dump_prepare: 0x%X is no set of dump modes", modes);
        return -EINVAL;
    }
    int result = storhost_unit_describe(unit, &info);
    if (result != 0 || !info.has_blocks) {
        api_error(error, "a dump needs a disk with a medium: %s",
                  result != 0 ? storhost_unit_problem(result) : "the unit has no blocks");
        return result != 0 ? result : -EOPNOTSUPP;
    }
    struct storhost_dump *dump = calloc(1, sizeof(*dump));
    if (dump == NULL)
        return -ENOMEM;
    dump->block_size = info.block_size;
    result = port_dump_prepare(&dump->dump, unit->unit, modes, reason, sizeof(reason));
    if (result != 0) {
        error_put(error, reason, result);
        free(dump);
        return result;
    }
    *ret_dump = dump;
    return 0;
}

STORHOST_API void storhost_dump_free(struct storhost_dump *dump)
{
    if (dump == NULL)
        return;
    port_dump_free(dump->dump);
    free(dump);
}

/* ---- the machine ---- */

STORHOST_API int storhost_machine_freeze(struct storhost_error *error)
{
    unsigned processor = 0;
    int result = nt_machine_freeze(sys_now_ns() + FREEZE_TIMEOUT_S * SYS_NS_PER_S, &processor);

    if (result != 0)
        api_error(error,
                  "processor %u did not stop within %d s: a callback of a driver runs there and "
                  "reaches no register, stall or lock",
                  processor, FREEZE_TIMEOUT_S);
    return result;
}

STORHOST_API void storhost_machine_thaw(void)
{
    nt_machine_thaw();
}

/* ---- the instance ---- */

STORHOST_API int storhost_dump_enter(struct storhost_dump *dump, enum storhost_dump_mode mode,
                                     struct storhost_error *error)
{
    char reason[sizeof(error->text)] = "";
    int result = port_dump_enter(dump->dump, (enum port_dump_mode)mode, reason, sizeof(reason));

    if (result != 0)
        error_put(error, reason, result);
    return result;
}

static int transfer(struct storhost_dump *dump, const struct port_dump_transfer *wanted,
                    struct storhost_error *error)
{
    char reason[sizeof(error->text)] = "";
    int result = port_dump_transfer(dump->dump, wanted, reason, sizeof(reason));

    if (result != 0)
        error_put(error, reason, result);
    return result;
}

STORHOST_API int storhost_dump_write(struct storhost_dump *dump, uint64_t block, const void *data,
                                     uint32_t length, unsigned misalignment,
                                     struct storhost_error *error)
{
    const struct port_dump_transfer wanted = {.write = true,
                                              .block = block,
                                              .block_size = dump->block_size,
                                              .length = length,
                                              .misalignment = misalignment,
                                              .data = (void *)(uintptr_t)data};

    return transfer(dump, &wanted, error);
}

STORHOST_API int storhost_dump_read(struct storhost_dump *dump, uint64_t block, void *data,
                                    uint32_t length, unsigned misalignment,
                                    struct storhost_error *error)
{
    const struct port_dump_transfer wanted = {.block = block,
                                              .block_size = dump->block_size,
                                              .length = length,
                                              .misalignment = misalignment,
                                              .data = data};

    return transfer(dump, &wanted, error);
}

STORHOST_API int storhost_dump_flush(struct storhost_dump *dump, struct storhost_error *error)
{
    char reason[sizeof(error->text)] = "";
    int result = port_dump_flush(dump->dump, reason, sizeof(reason));

    if (result != 0)
        error_put(error, reason, result);
    return result;
}

STORHOST_API void storhost_dump_leave(struct storhost_dump *dump)
{
    port_dump_leave(dump->dump);
}

STORHOST_API int storhost_dump_power_cycle(struct storhost_dump *dump)
{
    return port_dump_power_cycle(dump->dump);
}

/* ---- what it was ---- */

static void put_refused(const struct port_dump *dump, char *text, size_t size)
{
    size_t used = 0;

    text[0] = '\0';
    for (unsigned i = 0; i < dump->refused_count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i != 0 ? ", " : "",
                                 dump->refused[i]);
}

STORHOST_API int storhost_dump_describe(const struct storhost_dump *dump,
                                        struct storhost_dump_info *info)
{
    const struct port_dump *from = dump->dump;
    const struct port_dump_figures *figures = &from->figures;

    if (info->size != sizeof(*info))
        return -EINVAL;
    *info = (struct storhost_dump_info){
        .size = sizeof(*info),
        .pointers = from->pointers.answered,
        .resume_capable = from->pointers.resume_capable,
        .transfer_limit = from->transfer_limit,
        .alignment = from->alignment_mask + 1,
        .budget = figures->budget,
        .uncached = figures->uncached,
        .extension = figures->extension,
        .srb_extension = figures->srb_extension,
        .marked = from->mark_count,
        .requests = figures->requests,
        .polls = figures->polls,
        .entered_ns = figures->entered_ns,
        .total_ns = figures->total_ns,
        .longest_ns = figures->longest_ns,
        .findings = figures->findings,
    };
    for (unsigned i = 0; i < from->mark_count; i++)
        info->marked_bytes += from->marks[i].length;
    put_refused(from, info->refused, sizeof(info->refused));
    return 0;
}

STORHOST_API bool storhost_dump_marked(const struct storhost_dump *dump, unsigned index,
                                       const void **ret_memory, size_t *ret_length)
{
    if (index >= dump->dump->mark_count)
        return false;
    *ret_memory = dump->dump->marks[index].base;
    *ret_length = dump->dump->marks[index].length;
    return true;
}

/* ---- the end of the machine that crashed ---- */

STORHOST_API struct storhost_device *storhost_adapter_crash(struct storhost_adapter *adapter)
{
    return (struct storhost_device *)port_adapter_crash(adapter->adapter);
}

STORHOST_API void storhost_device_close(struct storhost_device *device)
{
    port_device_close((struct port_device *)device);
}
