/*
 * export.h - NT_EXPORT: one line at a routine's definition puts it into the table from which both
 * loaders take imports and `storhost routines` its rows.
 */
#ifndef STORHOST_NT_EXPORT_H
#define STORHOST_NT_EXPORT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Calling convention of everything that a driver calls or is called through. */
#define NT_ABI __attribute__((ms_abi))

enum nt_export_flags {
    NT_EXPORT_DATA = 1u << 0, /* the address is a variable, not a routine */
    /* It holds nothing while it works on what the driver has given it, so an exception in there may
     * go on to the driver's handlers. */
    NT_EXPORT_MAY_BE_LEFT = 1u << 1,
    /* The same of the time in which what it has called back of the driver runs. */
    NT_EXPORT_CALLS_BACK = 1u << 2,
};

struct nt_export {
    const char *image; /* "storport.sys", "ntoskrnl.exe", "hal.dll", "scsiport.sys" */
    const char *name;
    void *address;
    const char *category; /* of the reference: "General", "Locking", ... */
    const char *file;     /* where it is implemented */
    uint8_t irql_max;     /* highest legal IRQL */
    uint8_t flags;
};

#define NT_EXPORT_ROW(image_, name_, category_, irql_max_, flags_)                                 \
    static const struct nt_export nt_export_row_##name_                                            \
        __attribute__((section("nt_exports"), used, aligned(8))) = {                               \
            image_, #name_, (void *)&name_, category_, __FILE__, irql_max_, flags_}
/* NT_EXPORT("storport.sys", StorPortStallExecution, "Interrupt", NT_HIGH_LEVEL); */
#define NT_EXPORT(image_, name_, category_, irql_max_)                                             \
    NT_EXPORT_ROW(image_, name_, category_, irql_max_, 0)
#define NT_EXPORT_VARIABLE(image_, name_, category_)                                               \
    NT_EXPORT_ROW(image_, name_, category_, 15, NT_EXPORT_DATA)

/* A routine whose name in C is another one than its name for drivers (memcpy is libc's here), or
 * that drivers know by a second name too. */
#define NT_EXPORT_AS(image_, name_, routine_, category_, irql_max_)                                \
    NT_EXPORT_ROW_AS(image_, name_, routine_, category_, irql_max_, 0)
#define NT_EXPORT_ROW_AS(image_, name_, routine_, category_, irql_max_, flags_)                    \
    static const struct nt_export nt_export_row_as_##routine_                                      \
        __attribute__((section("nt_exports"), used, aligned(8))) = {                               \
            image_, name_, (void *)&routine_, category_, __FILE__, irql_max_, flags_}

/* The row of a name (exact spelling), NULL if there is none. `image` narrows the search when not
 * NULL; hal.dll and ntoskrnl.exe are searched as one. Any IRQL. */
const struct nt_export *nt_export_find(const char *image, const char *name);
/* Every row, in the order of image, category and name. index >= count: NULL. */
const struct nt_export *nt_export_at(size_t index);

#ifdef __cplusplus
}
#endif

#endif
