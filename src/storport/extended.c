/*
 * extended.c - StorPortExtendedFunction: finds the routine of a code in the table that the
 * definitions fill (STORPORT_EXTENDED). A code without one answers STOR_STATUS_NOT_IMPLEMENTED,
 * which drivers take for "feature absent", and is logged once by its number: it has no name, since
 * all that Storport's headers name are here.
 */
#include "storport/adapter.h"

enum { CODES_MAX = 256 };

extern const struct storport_extended_row __start_storport_extended[];
extern const struct storport_extended_row __stop_storport_extended[];

static const struct storport_extended_row *rows[CODES_MAX];
static const struct storport_extended_row *last_row; /* the highest code */

__attribute__((constructor)) static void fill_rows(void)
{
    for (const struct storport_extended_row *row = __start_storport_extended;
         row < __stop_storport_extended; row++) {
        sh_assert(row->code < CODES_MAX && !rows[row->code]);
        rows[row->code] = row;
        if (!last_row || last_row->code < row->code)
            last_row = row;
    }
}

const struct storport_extended_row *storport_extended_at(unsigned code)
{
    return code < CODES_MAX ? rows[code] : NULL;
}

/* Says it once to each adapter. */
static ULONG not_implemented(struct storport_adapter *adapter, ULONG code)
{
    _Static_assert(sizeof(adapter->unknown_functions) * 8 == CODES_MAX, "a bit for each code");
    uint8_t bit = (uint8_t)(1u << code % 8);

    if (adapter && code < CODES_MAX &&
        !(__atomic_fetch_or(&adapter->unknown_functions[code / 8], bit, __ATOMIC_RELAXED) & bit))
        nt_print("%s: extended function %u is not implemented: the driver is told so (the last one "
                 "known is %u, %s)",
                 port_driver_service(adapter->port->driver), code, last_row->code, last_row->name);
    return STOR_STATUS_NOT_IMPLEMENTED;
}

ULONG WDK_ABI StorPortExtendedFunction(STORPORT_FUNCTION_CODE FunctionCode, PVOID HwDeviceExtension,
                                       ...)
{
    struct storport_adapter *adapter = storport_of(HwDeviceExtension);
    ULONG code = (ULONG)FunctionCode;
    __builtin_ms_va_list arguments;

    ULONG status;

    if (code >= CODES_MAX || !rows[code])
        return not_implemented(adapter, code);
    if (adapter && __builtin_expect(adapter->dump != NULL, 0) &&
        storport_dump_refuses_extended(adapter, code, &status))
        return status;
    __builtin_ms_va_start(arguments, HwDeviceExtension);
    if (__builtin_expect(adapter != NULL, 1))
        status = rows[code]->routine(adapter, HwDeviceExtension, &arguments);
    else if (code == ExtFunctionMarkDumpMemory)
        status = storport_dump_mark_early(&arguments);
    else
        status = STOR_STATUS_INVALID_PARAMETER;
    __builtin_ms_va_end(arguments);
    return status;
}
NT_EXPORT("storport.sys", StorPortExtendedFunction, "General", NT_HIGH_LEVEL);
