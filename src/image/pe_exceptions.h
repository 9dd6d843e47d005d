/*
 * pe_exceptions.h - where the unwind data of the code at an address is (.pdata of a loaded image).
 */
#ifndef STORHOST_IMAGE_PE_EXCEPTIONS_H
#define STORHOST_IMAGE_PE_EXCEPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A row of .pdata, as the file has it: offsets in the image. */
struct pe_function {
    uint32_t begin, end;
    uint32_t unwind; /* where its unwind data are; with bit 0 set: another row */
};

struct pe_exception_table {
    const uint8_t *base; /* of the image */
    uint64_t size;
    /* struct pe_function[], a copy that the driver cannot change, checked when it was loaded:
     * begins ascend, no function is empty or reaches into the next, and all lie in the image, and
     * so do the first four bytes of their unwind data, or the row that is meant. What these say
     * is as hostile as the file was. */
    const void *functions;
    size_t count;
};

/* The table of the PE image that the address lies in, valid as long as the image is loaded. Any
 * IRQL, async-signal-safe. False: in none. */
bool pe_exception_table_of(const void *address, struct pe_exception_table *ret_table);

#ifdef __cplusplus
}
#endif

#endif
