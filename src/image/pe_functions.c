/*
 * pe_functions.c - the table of functions by which frames of an image are unwound (.pdata).
 */
#include "image/pe_file.h"

#include <errno.h>
#include <stdlib.h>

enum { INDIRECT = 1 }; /* the entry's unwind data are those of another entry */

static int compare(const void *left, const void *right)
{
    const struct pe_function *a = left, *b = right;

    return (a->begin > b->begin) - (a->begin < b->begin);
}

static int check(const struct pe_file *file, const struct pe_function *function, uint64_t rva,
                 struct pe_fault *fault)
{
    if (function->begin >= function->end || !pe_in_image(file, function->end, 0))
        return pe_damaged(fault, pe_offset_of(file, rva),
                          "a function from 0x%X to 0x%X, outside of the image", function->begin,
                          function->end);
    uint32_t unwind = function->unwind & ~(uint32_t)INDIRECT;
    uint32_t size = function->unwind & INDIRECT ? sizeof(*function) : sizeof(uint32_t);
    if (!pe_in_image(file, unwind, size) || unwind % 4 != 0)
        return pe_damaged(fault, pe_offset_of(file, rva),
                          "a function whose unwind data at 0x%X lie outside of the image", unwind);
    return 0;
}

/* What a linker lets overlap is cut, so that an address is in one function at most. */
static size_t separate(struct pe_function *functions, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        if (kept && functions[kept - 1].begin == functions[i].begin)
            continue;
        if (kept && functions[kept - 1].end > functions[i].begin)
            functions[kept - 1].end = functions[i].begin;
        functions[kept++] = functions[i];
    }
    return kept;
}

int pe_functions_read(const struct pe_file *file, struct pe_function **ret_functions,
                      size_t *ret_count, struct pe_fault *fault)
{
    const struct pe_directory *directory = &file->directories[PE_DIRECTORY_EXCEPTION];
    size_t room = directory->rva ? directory->size / sizeof(struct pe_function) : 0, count = 0;

    *ret_functions = NULL;
    *ret_count = 0;
    if (!room)
        return 0;
    struct pe_function *functions = malloc(room * sizeof(*functions));
    if (!functions)
        return -ENOMEM;
    for (size_t i = 0; i < room; i++) {
        uint64_t rva = directory->rva + i * sizeof(*functions);
        (void)pe_read(file, rva, &functions[count], sizeof(*functions));
        if (!functions[count].begin && !functions[count].end)
            continue; /* padding */
        int error = check(file, &functions[count], rva, fault);
        if (error) {
            free(functions);
            return error;
        }
        count++;
    }
    qsort(functions, count, sizeof(*functions), compare);
    *ret_functions = functions;
    *ret_count = separate(functions, count);
    return 0;
}
