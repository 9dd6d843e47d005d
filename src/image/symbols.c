/*
 * symbols.c - which function and which line of source an offset in a module is.
 *
 * The answer comes from the bytes that were loaded, not from the file's name, which may hold
 * another build by then. elfutils reads the symbol table and the DWARF; it checks them as hostile
 * bytes. Nothing is read before somebody asks.
 */
#include "image/image_internal.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <errno.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct image_symbols {
    void *bytes;
    size_t size;
};

int image_symbols_create(struct image_symbols **ret_symbols, void *bytes, size_t size)
{
    struct image_symbols *symbols = malloc(sizeof(*symbols));
    if (!symbols)
        return -ENOMEM;
    *symbols = (struct image_symbols){bytes, size};
    *ret_symbols = symbols;
    return 0;
}

void image_symbols_destroy(struct image_symbols *symbols)
{
    if (!symbols)
        return;
    free(symbols->bytes);
    free(symbols);
}

static const char *function_at(Elf *elf, uint64_t offset)
{
    Elf_Scn *section = NULL;
    while ((section = elf_nextscn(elf, section)) != NULL) {
        GElf_Shdr header;
        if (!gelf_getshdr(section, &header) || header.sh_type != SHT_SYMTAB || !header.sh_entsize)
            continue;
        Elf_Data *data = elf_getdata(section, NULL);
        size_t count = data ? data->d_size / header.sh_entsize : 0;
        for (size_t i = 0; i < count; i++) {
            GElf_Sym symbol;
            if (!gelf_getsym(data, (int)i, &symbol) || GELF_ST_TYPE(symbol.st_info) != STT_FUNC)
                continue;
            if (offset >= symbol.st_value && offset - symbol.st_value < symbol.st_size)
                return elf_strptr(elf, header.sh_link, symbol.st_name);
        }
    }
    return NULL;
}

/* Clang writes no table of address ranges for this target, so each unit is asked in turn. */
static bool line_at(Elf *elf, uint64_t offset, char *text, size_t size)
{
    Dwarf *dwarf = dwarf_begin_elf(elf, DWARF_C_READ, NULL);
    if (!dwarf)
        return false;
    bool found = false;
    Dwarf_CU *unit = NULL;
    Dwarf_Die die;
    while (!found && dwarf_get_units(dwarf, unit, &unit, NULL, NULL, &die, NULL) == 0) {
        if (dwarf_haspc(&die, offset) != 1)
            continue;
        Dwarf_Line *line = dwarf_getsrc_die(&die, offset);
        int number;
        const char *source = line ? dwarf_linesrc(line, NULL, NULL) : NULL;
        if (!source || dwarf_lineno(line, &number) != 0)
            continue;
        const char *slash = strrchr(source, '/');
        snprintf(text, size, "%s:%d", slash ? slash + 1 : source, number);
        found = true;
    }
    dwarf_end(dwarf);
    return found;
}

void image_symbols_describe(struct image_symbols *symbols, uint64_t offset, char *text, size_t size)
{
    char place[128];
    text[0] = 0;
    if (elf_version(EV_CURRENT) == EV_NONE)
        return;
    Elf *elf = elf_memory(symbols->bytes, symbols->size);
    if (!elf)
        return;
    const char *function = function_at(elf, offset);
    bool line = line_at(elf, offset, place, sizeof(place));
    if (function && line)
        snprintf(text, size, "%s at %s", function, place);
    else if (function || line)
        snprintf(text, size, "%s", function ? function : place);
    elf_end(elf);
}
