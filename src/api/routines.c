/*
 * routines.c - what drivers can import, from the tables that the definitions fill.
 *
 * Most routines of Storport are no imports: the kit's headers turn them into calls of
 * StorPortExtendedFunction with a code. They are listed by the name that a driver's source uses.
 */
#include "api/api_internal.h"

#include "nt/export.h"
#include "storport/adapter.h"

enum { EXTENDED_CODES = 256 };

static size_t export_count(void)
{
    size_t count = 0;

    while (nt_export_at(count) != NULL)
        count++;
    return count;
}

static const struct storport_extended_row *extended_at(size_t index)
{
    for (unsigned code = 0; code < EXTENDED_CODES; code++) {
        const struct storport_extended_row *row = storport_extended_at(code);
        if (row != NULL && index-- == 0)
            return row;
    }
    return NULL;
}

STORHOST_API bool storhost_routine_at(size_t index, struct storhost_routine *ret_routine)
{
    const struct nt_export *row = nt_export_at(index);

    if (row != NULL) {
        *ret_routine = (struct storhost_routine){
            .image = row->image,
            .name = row->name,
            .category = row->category,
            .file = row->file,
            .irql_max = row->irql_max,
            .is_variable = (row->flags & NT_EXPORT_DATA) != 0,
        };
        return true;
    }
    const struct storport_extended_row *extended = extended_at(index - export_count());
    if (extended == NULL)
        return false;
    *ret_routine = (struct storhost_routine){
        .image = "storport.sys",
        .name = extended->name,
        .category = extended->category,
        .file = extended->file,
        .irql_max = 15, /* each checks its own */
    };
    return true;
}
