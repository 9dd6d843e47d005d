/*
 * pe_bind.c - fills the import slots of a Windows image from the table of routines.
 */
#include "image/pe_image.h"

#include "nt/export.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* What the walks over the imports share. */
struct binding {
    struct pe_loading *loading;
    size_t missing_count;
    bool out_of_memory;
};

static const struct nt_export *export_of(const struct pe_import *import)
{
    return import->name ? nt_export_find(import->module, import->name) : NULL;
}

static void count_missing(void *context, const struct pe_import *import)
{
    struct binding *binding = context;

    if (!export_of(import))
        binding->missing_count++;
}

static void *missing_import(struct binding *binding, const struct pe_import *import)
{
    char name[2 * PE_NAME_SIZE + 16];

    if (import->name)
        snprintf(name, sizeof(name), "%s!%s", import->module, import->name);
    else
        snprintf(name, sizeof(name), "%s!#%u", import->module, import->ordinal);
    void *stub = missing_imports_add(binding->loading->image->missing, name);
    if (!stub)
        binding->out_of_memory = true;
    return stub;
}

static void bind(void *context, const struct pe_import *import)
{
    struct binding *binding = context;
    const struct nt_export *row = export_of(import);
    void *address = row ? row->address : missing_import(binding, import);

    memcpy(binding->loading->image->base + import->slot_rva, &address, sizeof(address));
}

int pe_bind_imports(struct pe_loading *loading)
{
    struct binding binding = {.loading = loading};
    struct image *image = loading->image;
    int error = pe_each_import(loading->file, count_missing, &binding, &loading->fault);

    if (!error)
        error = missing_imports_create(&image->missing, image->name, binding.missing_count, true);
    if (!error)
        error = pe_each_import(loading->file, bind, &binding, &loading->fault);
    if (!error && binding.out_of_memory)
        error = -ENOMEM;
    return error ? error : missing_imports_seal(image->missing);
}
