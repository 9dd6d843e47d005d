/*
 * routines.c - what drivers can import, from the tables that the definitions fill.
 *
 * Most routines of Storport are no imports: the kit's headers turn them into calls of
 * StorPortExtendedFunction with a code, or of StorPortNotification with a type. They are listed by
 * the name that a driver's source uses.
 */
#include "api/api_internal.h"

#include "nt/export.h"
#include "storport/adapter.h"

enum { CODES_MAX = 256, TYPES_MAX = 0x1100 };

static bool import_at(size_t *index, struct storhost_routine *ret_routine)
{
    const struct nt_export *row;
    size_t count = 0;

    while ((row = nt_export_at(count)) != NULL && count != *index)
        count++;
    *index -= count;
    if (row == NULL)
        return false;
    *ret_routine = (struct storhost_routine){
        .image = row->image,
        .name = row->name,
        .category = row->category,
        .file = row->file,
        .irql_max = row->irql_max,
        .is_variable = (row->flags & NT_EXPORT_DATA) != 0,
        .kind = STORHOST_ROUTINE_IMPORT,
    };
    return true;
}

/* These check their IRQL themselves, each in its own way. */
static void by_code(struct storhost_routine *ret_routine, enum storhost_routine_kind kind,
                    unsigned code)
{
    ret_routine->image = "storport.sys";
    ret_routine->irql_max = 15;
    ret_routine->is_variable = false;
    ret_routine->kind = kind;
    ret_routine->code = code;
}

static bool extended_at(size_t *index, struct storhost_routine *ret_routine)
{
    for (unsigned code = 0; code < CODES_MAX; code++) {
        const struct storport_extended_row *row = storport_extended_at(code);
        if (row == NULL || (*index)-- != 0)
            continue;
        by_code(ret_routine, STORHOST_ROUTINE_EXTENDED, code);
        ret_routine->name = row->name;
        ret_routine->category = row->category;
        ret_routine->file = row->file;
        return true;
    }
    return false;
}

static bool notification_at(size_t *index, struct storhost_routine *ret_routine)
{
    for (unsigned type = 0; type < TYPES_MAX; type++) {
        const struct storport_notification_row *row = storport_notification_at(type);
        if (row == NULL || (*index)-- != 0)
            continue;
        by_code(ret_routine, STORHOST_ROUTINE_NOTIFICATION, type);
        ret_routine->name = row->name;
        ret_routine->category = row->category;
        ret_routine->file = row->file;
        return true;
    }
    return false;
}

STORHOST_API bool storhost_routine_at(size_t index, struct storhost_routine *ret_routine)
{
    return import_at(&index, ret_routine) || extended_at(&index, ret_routine) ||
           notification_at(&index, ret_routine);
}
