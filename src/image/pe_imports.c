/*
 * pe_imports.c - what an image imports, ordinary and delayed imports alike.
 *
 * Delayed imports are bound with the others, so the code that would look them up at the first call
 * is never reached. What an image was bound to on some other system is not looked at.
 */
#include "image/pe_file.h"

#include <string.h>

/* One walk over all imports: how many there were so far keeps a hostile file from making one list
 * count for many modules. */
struct walk {
    const struct pe_file *file;
    struct pe_fault *fault;
    pe_import_visit visit;
    void *context;
    unsigned count;
    char module[PE_NAME_SIZE], name[PE_NAME_SIZE];
};

/* Where something of the image goes wrong that need not come from the file. */
static int damaged_at(const struct walk *walk, uint64_t rva, const char *what)
{
    return pe_damaged(walk->fault, pe_offset_of(walk->file, rva), "%s (at 0x%llX in the image)",
                      what, (unsigned long long)rva);
}

static int visit_entry(struct walk *walk, uint64_t entry_rva, uint64_t entry, uint64_t slot_rva)
{
    struct pe_import import = {.module = walk->module, .slot_rva = (uint32_t)slot_rva};

    if (++walk->count > PE_IMPORTS_MAX)
        return damaged_at(walk, entry_rva, "more imports than any driver has");
    if (!pe_in_image(walk->file, slot_rva, sizeof(uint64_t)))
        return damaged_at(walk, entry_rva, "an import whose slot lies outside of the image");
    if (entry & PE_IMPORT_BY_ORDINAL) {
        if (entry & ~PE_IMPORT_BY_ORDINAL & ~0xFFFFull)
            return damaged_at(walk, entry_rva, "an import by an impossible ordinal");
        import.ordinal = (uint16_t)entry;
    } else {
        /* The two bytes in front of the name are a hint, where it was in some version. */
        if (!pe_read_string(walk->file, entry + 2, walk->name, sizeof(walk->name)))
            return damaged_at(walk, entry_rva, "an import whose name is no text in the image");
        import.name = walk->name;
    }
    walk->visit(walk->context, &import);
    return 0;
}

static int visit_module(struct walk *walk, uint64_t descriptor_rva, uint64_t module_rva,
                        uint64_t names_rva, uint64_t slots_rva)
{
    if (!pe_read_string(walk->file, module_rva, walk->module, sizeof(walk->module)))
        return damaged_at(walk, descriptor_rva, "imports from a module whose name is no text");
    for (uint64_t at = 0;; at += sizeof(uint64_t)) {
        uint64_t entry;
        if (!pe_read(walk->file, names_rva + at, &entry, sizeof(entry)))
            return damaged_at(walk, descriptor_rva, "a list of imports without end");
        if (!entry)
            return 0;
        int error = visit_entry(walk, names_rva + at, entry, slots_rva + at);
        if (error)
            return error;
    }
}

static int each_ordinary(struct walk *walk)
{
    uint64_t rva = walk->file->directories[PE_DIRECTORY_IMPORT].rva;

    for (; rva; rva += sizeof(struct pe_import_descriptor)) {
        struct pe_import_descriptor descriptor;
        if (!pe_read(walk->file, rva, &descriptor, sizeof(descriptor)))
            return damaged_at(walk, walk->file->directories[PE_DIRECTORY_IMPORT].rva,
                              "a table of imports without end");
        if (!descriptor.module_rva || !descriptor.slots_rva)
            return 0;
        if (!descriptor.names_rva && descriptor.timestamp)
            return damaged_at(walk, rva,
                              "imports that are bound to another system and have no names: get "
                              "the file as its vendor ships it");
        /* A module without imports counts, too: there may be a million of them. */
        if (++walk->count > PE_IMPORTS_MAX)
            return damaged_at(walk, rva, "more imports than any driver has");
        uint64_t names = descriptor.names_rva ? descriptor.names_rva : descriptor.slots_rva;
        int error = visit_module(walk, rva, descriptor.module_rva, names, descriptor.slots_rva);
        if (error)
            return error;
    }
    return 0;
}

static int each_delayed(struct walk *walk)
{
    uint64_t rva = walk->file->directories[PE_DIRECTORY_DELAY_IMPORT].rva;

    for (; rva; rva += sizeof(struct pe_delay_descriptor)) {
        struct pe_delay_descriptor descriptor;
        if (!pe_read(walk->file, rva, &descriptor, sizeof(descriptor)))
            return damaged_at(walk, walk->file->directories[PE_DIRECTORY_DELAY_IMPORT].rva,
                              "a table of delayed imports without end");
        if (!descriptor.module_rva)
            return 0;
        if (!(descriptor.attributes & PE_DELAY_IMPORT_BY_RVA))
            return damaged_at(walk, rva, "delayed imports of a form that x64 never had");
        if (++walk->count > PE_IMPORTS_MAX)
            return damaged_at(walk, rva, "more imports than any driver has");
        int error = visit_module(walk, rva, descriptor.module_rva, descriptor.names_rva,
                                 descriptor.slots_rva);
        if (error)
            return error;
    }
    return 0;
}

int pe_each_import(const struct pe_file *file, pe_import_visit visit, void *context,
                   struct pe_fault *fault)
{
    struct walk walk = {.file = file, .fault = fault, .visit = visit, .context = context};
    int error = each_ordinary(&walk);

    return error ? error : each_delayed(&walk);
}
