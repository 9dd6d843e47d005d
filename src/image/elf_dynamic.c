/*
 * elf_dynamic.c - checks what the dynamic linker would follow without checking: the dynamic table,
 * the relocations and the hash table of a module. The rule: a plain module needs no library, no
 * constructor and no symbol of anybody else, so it may have none. Instrumented modules refer to the
 * sanitizer's runtime by name and register themselves by constructors.
 */
#include "image/elf_reader.h"

#include <string.h>

struct dynamic {
    uint64_t rela, rela_size, rela_count;
    uint64_t jump_rela, jump_rela_size;
    uint64_t symbols, strings, strings_size;
    uint64_t gnu_hash, hash;
    uint64_t init, init_size, fini, fini_size;
};

static int note_entry(struct elf_reader *reader, struct dynamic *dynamic, const Elf64_Dyn *entry,
                      size_t at)
{
    uint64_t value = entry->d_un.d_val;
    switch (entry->d_tag) {
    case DT_NEEDED:
        return elf_foreign(reader, "is linked to other libraries, which a driver cannot use: link "
                                   "it with `storhost build`");
    case DT_RELA:
        dynamic->rela = value;
        return 0;
    case DT_RELASZ:
        dynamic->rela_size = value;
        return 0;
    case DT_RELACOUNT:
        dynamic->rela_count = value;
        return 0;
    case DT_JMPREL:
        dynamic->jump_rela = value;
        return 0;
    case DT_PLTRELSZ:
        dynamic->jump_rela_size = value;
        return 0;
    case DT_SYMTAB:
        dynamic->symbols = value;
        return 0;
    case DT_STRTAB:
        dynamic->strings = value;
        return 0;
    case DT_STRSZ:
        dynamic->strings_size = value;
        return 0;
    case DT_GNU_HASH:
        dynamic->gnu_hash = value;
        return 0;
    case DT_HASH:
        dynamic->hash = value;
        return 0;
    case DT_INIT_ARRAY:
        dynamic->init = value;
        return 0;
    case DT_INIT_ARRAYSZ:
        dynamic->init_size = value;
        return 0;
    case DT_FINI_ARRAY:
        dynamic->fini = value;
        return 0;
    case DT_FINI_ARRAYSZ:
        dynamic->fini_size = value;
        return 0;
    case DT_RELAENT:
        return value == sizeof(Elf64_Rela) ? 0 : elf_damaged(reader, at, "odd relocations");
    case DT_SYMENT:
        return value == sizeof(Elf64_Sym) ? 0 : elf_damaged(reader, at, "odd symbols");
    case DT_PLTREL:
        return value == DT_RELA ? 0 : elf_damaged(reader, at, "odd relocations");
    case DT_FLAGS:
        return value & ~(uint64_t)(DF_SYMBOLIC | DF_BIND_NOW)
                   ? elf_damaged(reader, at, "link flags that no module has")
                   : 0;
    case DT_FLAGS_1:
        return value & ~(uint64_t)DF_1_NOW
                   ? elf_damaged(reader, at, "link flags that no module has")
                   : 0;
    case DT_PLTGOT:
    case DT_SYMBOLIC:
        return 0;
    default:
        return elf_damaged(reader, at, "a dynamic entry of a kind that no module has");
    }
}

static int check_relocation(struct elf_reader *reader, const Elf64_Rela *rela, bool relative_only,
                            const struct dynamic *dynamic)
{
    size_t at = (size_t)((const uint8_t *)rela - reader->bytes);
    const Elf64_Phdr *load = elf_segment_of(reader, rela->r_offset, sizeof(uint64_t));
    if (!load || !(load->p_flags & PF_W))
        return elf_damaged(reader, at, "a relocation outside of writable memory");
    uint32_t type = ELF64_R_TYPE(rela->r_info), symbol = ELF64_R_SYM(rela->r_info);
    if (type == R_X86_64_RELATIVE && symbol == 0)
        return elf_segment_of(reader, (uint64_t)rela->r_addend, 0)
                   ? 0
                   : elf_damaged(reader, at, "a relocation to an address outside of the module");
    if (relative_only || !reader->instrumented ||
        (type != R_X86_64_64 && type != R_X86_64_GLOB_DAT && type != R_X86_64_JUMP_SLOT))
        return elf_damaged(reader, at, "a relocation of a kind that no module has");
    const Elf64_Sym *entry = elf_bytes_at(
        reader, dynamic->symbols + (uint64_t)symbol * sizeof(*entry), sizeof(*entry), NULL);
    if (!entry || entry->st_name >= dynamic->strings_size)
        return elf_damaged(reader, at, "a relocation to a symbol outside of the module");
    return 0;
}

static int check_relocations(struct elf_reader *reader, const struct dynamic *dynamic,
                             uint64_t address, uint64_t size, uint64_t relative_count)
{
    if (size == 0)
        return 0;
    size_t at = reader->dynamic->p_offset;
    const Elf64_Rela *table = elf_bytes_at(reader, address, size, &at);
    if (!table || at % 8 != 0 || size % sizeof(*table) != 0)
        return elf_damaged(reader, at, "relocations that lie outside of the file");
    uint64_t count = size / sizeof(*table);
    if (relative_count > count)
        return elf_damaged(reader, at, "fewer relocations than the file says");
    for (uint64_t i = 0; i < count; i++) {
        int error = check_relocation(reader, &table[i], i < relative_count, dynamic);
        if (error)
            return error;
    }
    return 0;
}

/* Looking up an address or a name walks buckets and chains of this table, in any thread and at any
 * time after the load: all of it must lie in the file. */
static int check_gnu_hash(struct elf_reader *reader, const struct dynamic *dynamic)
{
    size_t at = reader->dynamic->p_offset;
    const uint32_t *header = elf_bytes_at(reader, dynamic->gnu_hash, 4 * sizeof(*header), &at);
    if (!header || at % 8 != 0)
        return elf_damaged(reader, at, "a symbol hash table outside of the file");
    uint32_t bucket_count = header[0], first_symbol = header[1], words = header[2];
    if (bucket_count == 0 || words == 0 || (words & (words - 1)) != 0)
        return elf_damaged(reader, at, "a symbol hash table with an impossible size");
    uint64_t buckets_at = dynamic->gnu_hash + 16 + (uint64_t)words * 8;
    uint64_t chains_at = buckets_at + (uint64_t)bucket_count * 4;
    const uint32_t *buckets =
        elf_bytes_at(reader, buckets_at, (uint64_t)bucket_count * sizeof(*buckets), NULL);
    if (!buckets)
        return elf_damaged(reader, at, "a symbol hash table longer than the file");
    uint64_t steps = 0;
    for (uint32_t i = 0; i < bucket_count; i++) {
        if (buckets[i] == 0)
            continue;
        if (buckets[i] < first_symbol)
            return elf_damaged(reader, at, "a symbol hash table with a wrong bucket");
        for (uint64_t symbol = buckets[i];; symbol++) {
            const uint32_t *link =
                elf_bytes_at(reader, chains_at + (symbol - first_symbol) * 4, sizeof(*link), NULL);
            const Elf64_Sym *entry = elf_bytes_at(
                reader, dynamic->symbols + symbol * sizeof(*entry), sizeof(*entry), NULL);
            if (!link || !entry || entry->st_name >= dynamic->strings_size)
                return elf_damaged(reader, at, "a symbol hash table that leads out of the file");
            if (++steps > reader->size)
                return elf_damaged(reader, at, "a symbol hash table that never ends");
            if (*link & 1)
                break;
        }
    }
    return 0;
}

/* The dynamic linker takes for granted that the entry with the size is there, too. */
static bool is_half(uint64_t address, uint64_t size)
{
    return (address == 0) != (size == 0);
}

static int check_constructors(struct elf_reader *reader, const struct dynamic *dynamic)
{
    size_t at = reader->dynamic->p_offset;
    if (dynamic->init_size == 0 && dynamic->fini_size == 0)
        return 0;
    if (!reader->instrumented)
        return elf_damaged(reader, at, "constructors, which no driver has");
    if (dynamic->init_size % 8 != 0 || dynamic->fini_size % 8 != 0 ||
        !elf_segment_of(reader, dynamic->init, dynamic->init_size) ||
        !elf_segment_of(reader, dynamic->fini, dynamic->fini_size))
        return elf_damaged(reader, at, "constructors that lie outside of the module");
    return 0;
}

static int check_tables(struct elf_reader *reader, const struct dynamic *dynamic)
{
    size_t at = reader->dynamic->p_offset;
    if (is_half(dynamic->rela, dynamic->rela_size) ||
        is_half(dynamic->jump_rela, dynamic->jump_rela_size) ||
        is_half(dynamic->init, dynamic->init_size) || is_half(dynamic->fini, dynamic->fini_size) ||
        !dynamic->symbols || !dynamic->strings)
        return elf_damaged(reader, at, "a dynamic segment that lacks an entry");
    const char *strings = elf_bytes_at(reader, dynamic->strings, dynamic->strings_size, NULL);
    if (!strings || dynamic->strings_size == 0 || strings[dynamic->strings_size - 1] != 0)
        return elf_damaged(reader, at, "symbol names that lie outside of the file");
    if (dynamic->symbols % 8 != 0 ||
        !elf_bytes_at(reader, dynamic->symbols, sizeof(Elf64_Sym), NULL))
        return elf_damaged(reader, at, "symbols that lie outside of the file");
    if (!dynamic->gnu_hash)
        return elf_damaged(reader, at, "no symbol hash table");
    int error = check_gnu_hash(reader, dynamic);
    if (!error && dynamic->hash && !elf_bytes_at(reader, dynamic->hash, 8, NULL))
        error = elf_damaged(reader, at, "a symbol hash table outside of the file");
    if (!error)
        error = check_constructors(reader, dynamic);
    if (!error)
        error = check_relocations(reader, dynamic, dynamic->rela, dynamic->rela_size,
                                  dynamic->rela_count);
    if (!error)
        error = check_relocations(reader, dynamic, dynamic->jump_rela, dynamic->jump_rela_size, 0);
    return error;
}

int elf_check_dynamic(struct elf_reader *reader)
{
    const Elf64_Phdr *segment = reader->dynamic;
    if (!segment)
        return elf_damaged(reader, 0, "no dynamic segment");
    size_t at;
    const Elf64_Dyn *table = elf_bytes_at(reader, segment->p_vaddr, segment->p_filesz, &at);
    if (!table || at != segment->p_offset || at % 8 != 0)
        return elf_damaged(reader, segment->p_offset, "the dynamic segment is not loaded");
    /* The dynamic linker writes into its table. */
    if (!(elf_segment_of(reader, segment->p_vaddr, segment->p_filesz)->p_flags & PF_W))
        return elf_damaged(reader, at, "a dynamic segment in memory that is not writable");
    struct dynamic dynamic = {0};
    uint64_t count = segment->p_filesz / sizeof(*table);
    for (uint64_t i = 0; i < count; i++) {
        if (table[i].d_tag == DT_NULL)
            return check_tables(reader, &dynamic);
        int error = note_entry(reader, &dynamic, &table[i], at + i * sizeof(*table));
        if (error)
            return error;
    }
    return elf_damaged(reader, at, "a dynamic segment without end");
}
