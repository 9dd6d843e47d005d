/*
 * elf_file.c - ELF header, segments and the storhost note. The rule: a length is checked as
 * `a > n || b > n - a` before anything is read, and nothing that is not needed is accepted.
 */
#include "image/elf_file.h"
#include "image/elf_reader.h"

#include <errno.h>
#include <string.h>

enum { PAGE = 4096 };

/* No driver comes near; keeps every sum of addresses far from overflow. */
static const uint64_t memory_max = 1ull << 30;

int elf_damaged(struct elf_reader *reader, size_t offset, const char *what)
{
    *reader->fault = (struct elf_fault){-EILSEQ, offset, what};
    return -EILSEQ;
}

int elf_foreign(struct elf_reader *reader, const char *what)
{
    *reader->fault = (struct elf_fault){-ENOEXEC, 0, what};
    return -ENOEXEC;
}

bool elf_in_file(const struct elf_reader *reader, uint64_t offset, uint64_t size)
{
    return offset <= reader->size && size <= reader->size - offset;
}

const Elf64_Phdr *elf_segment_of(const struct elf_reader *reader, uint64_t address, uint64_t size)
{
    for (unsigned i = 0; i < reader->load_count; i++) {
        const Elf64_Phdr *load = reader->loads[i];
        if (address >= load->p_vaddr && address - load->p_vaddr <= load->p_memsz &&
            size <= load->p_memsz - (address - load->p_vaddr))
            return load;
    }
    return NULL;
}

const void *elf_bytes_at(const struct elf_reader *reader, uint64_t address, uint64_t size,
                         size_t *ret_offset)
{
    const Elf64_Phdr *load = elf_segment_of(reader, address, size);
    if (!load)
        return NULL;
    uint64_t inside = address - load->p_vaddr;
    if (inside > load->p_filesz || size > load->p_filesz - inside)
        return NULL;
    if (ret_offset)
        *ret_offset = load->p_offset + inside;
    return reader->bytes + load->p_offset + inside;
}

static int check_header(struct elf_reader *reader)
{
    const uint8_t *bytes = reader->bytes;
    if (reader->size < SELFMAG || memcmp(bytes, ELFMAG, SELFMAG) != 0)
        return elf_foreign(reader, "is neither a Windows image nor an ELF file: give a driver's "
                                   ".sys file, or a module that `storhost build` makes of its "
                                   "sources");
    if (reader->size < sizeof(Elf64_Ehdr))
        return elf_damaged(reader, reader->size, "the file ends within its ELF header");
    const Elf64_Ehdr *header = (const Elf64_Ehdr *)bytes;
    if (bytes[EI_CLASS] != ELFCLASS64 || bytes[EI_DATA] != ELFDATA2LSB ||
        header->e_machine != EM_X86_64)
        return elf_foreign(reader, "is an ELF file for another machine than x86-64: rebuild it "
                                   "with `storhost build`");
    if (bytes[EI_VERSION] != EV_CURRENT || header->e_version != EV_CURRENT)
        return elf_damaged(reader, EI_VERSION, "unknown ELF version");
    if (header->e_type != ET_DYN)
        return elf_foreign(reader, "is an ELF file, but no shared object: link it with "
                                   "`storhost build`");
    if (header->e_phentsize != sizeof(Elf64_Phdr) || header->e_phoff % 8 != 0)
        return elf_damaged(reader, offsetof(Elf64_Ehdr, e_phentsize),
                           "program headers of an unknown size or alignment");
    if (header->e_phnum == 0 ||
        !elf_in_file(reader, header->e_phoff, (uint64_t)header->e_phnum * sizeof(Elf64_Phdr)))
        return elf_damaged(reader, offsetof(Elf64_Ehdr, e_phoff),
                           "the program headers lie outside of the file");
    reader->headers = (const Elf64_Phdr *)(bytes + header->e_phoff);
    reader->header_count = header->e_phnum;
    return 0;
}

static size_t header_offset(const struct elf_reader *reader, const Elf64_Phdr *header)
{
    return (size_t)((const uint8_t *)header - reader->bytes);
}

/* Segments must rise without overlap, because the dynamic linker maps each over one reservation. */
static int add_load(struct elf_reader *reader, const Elf64_Phdr *load)
{
    size_t at = header_offset(reader, load);
    if (reader->load_count == ELF_SEGMENTS_MAX)
        return elf_damaged(reader, at, "more segments than any module has");
    if (load->p_filesz > load->p_memsz || load->p_vaddr > memory_max ||
        load->p_memsz > memory_max - load->p_vaddr)
        return elf_damaged(reader, at, "a segment with an impossible size");
    if (load->p_align < PAGE || (load->p_align & (load->p_align - 1)) != 0 ||
        load->p_align > memory_max || (load->p_vaddr - load->p_offset) % load->p_align != 0)
        return elf_damaged(reader, at, "a segment with an impossible alignment");
    if (!(load->p_flags & PF_R) || ((load->p_flags & PF_W) && (load->p_flags & PF_X)))
        return elf_damaged(reader, at, "a segment with an impossible protection");
    if (reader->load_count > 0) {
        const Elf64_Phdr *last = reader->loads[reader->load_count - 1];
        uint64_t last_end = (last->p_vaddr + last->p_memsz + PAGE - 1) & ~(uint64_t)(PAGE - 1);
        if ((load->p_vaddr & ~(uint64_t)(PAGE - 1)) < last_end)
            return elf_damaged(reader, at, "segments that overlap");
    } else if (load->p_vaddr >= PAGE) {
        return elf_damaged(reader, at, "a first segment that does not start at address 0");
    }
    reader->loads[reader->load_count++] = load;
    return 0;
}

static int check_segment(struct elf_reader *reader, const Elf64_Phdr *header)
{
    size_t at = header_offset(reader, header);
    if (!elf_in_file(reader, header->p_offset, header->p_filesz))
        return elf_damaged(reader, at, "a segment lies outside of the file");
    switch (header->p_type) {
    case PT_LOAD:
        return add_load(reader, header);
    case PT_DYNAMIC:
        if (reader->dynamic)
            return elf_damaged(reader, at, "two dynamic segments");
        reader->dynamic = header;
        return 0;
    case PT_GNU_RELRO:
        if (reader->relro)
            return elf_damaged(reader, at, "two read-only-after-relocation segments");
        reader->relro = header;
        return 0;
    case PT_GNU_STACK:
        if (header->p_flags & PF_X)
            return elf_damaged(reader, at, "the module asks for an executable stack");
        return 0;
    case PT_PHDR:
        reader->program_headers = header;
        return 0;
    case PT_GNU_EH_FRAME:
        reader->unwind = header;
        return 0;
    case PT_NULL:
    case PT_NOTE:
        return 0;
    case PT_INTERP:
        return elf_foreign(reader, "is an ELF program, but no storhost module: build the driver "
                                   "with `storhost build`");
    default:
        return elf_damaged(reader, at, "a segment of a kind that no module has");
    }
}

/* The dynamic linker changes the protection of this range: it must be the module's own. */
static int check_relro(struct elf_reader *reader)
{
    const Elf64_Phdr *relro = reader->relro;
    if (!relro)
        return 0;
    const Elf64_Phdr *load = elf_segment_of(reader, relro->p_vaddr, 0);
    if (load && (load->p_flags & PF_W)) {
        uint64_t end = (load->p_vaddr + load->p_memsz + PAGE - 1) & ~(uint64_t)(PAGE - 1);
        if (relro->p_memsz <= end - relro->p_vaddr)
            return 0;
    }
    return elf_damaged(reader, header_offset(reader, relro),
                       "the read-only-after-relocation segment lies outside of writable memory");
}

/* The dynamic linker and the unwinder look at these where the header says they are in memory. */
static int check_mapped(struct elf_reader *reader, const Elf64_Phdr *header, const char *what)
{
    size_t at;
    if (!header)
        return 0;
    if (!elf_bytes_at(reader, header->p_vaddr, header->p_filesz, &at) || at != header->p_offset)
        return elf_damaged(reader, header_offset(reader, header), what);
    return 0;
}

static int check_header_segment(struct elf_reader *reader)
{
    const Elf64_Phdr *header = reader->program_headers;
    if (header && (reader->bytes + header->p_offset != (const uint8_t *)reader->headers ||
                   header->p_filesz != reader->header_count * sizeof(*header)))
        return elf_damaged(reader, header_offset(reader, header),
                           "program headers that are not where the file says");
    return check_mapped(reader, header, "program headers that are not loaded");
}

/* Notes come one after the other, each padded to 4 bytes. */
static int find_note_in(struct elf_reader *reader, const Elf64_Phdr *segment, struct elf_file *file)
{
    size_t at = segment->p_offset, end = segment->p_offset + segment->p_filesz;
    if (at % 4 != 0)
        return elf_damaged(reader, at, "notes that are not aligned");
    while (end - at >= sizeof(Elf64_Nhdr)) {
        const Elf64_Nhdr *note = (const Elf64_Nhdr *)(reader->bytes + at);
        uint64_t owner_size = ((uint64_t)note->n_namesz + 3) & ~3ull;
        uint64_t content_size = ((uint64_t)note->n_descsz + 3) & ~3ull;
        size_t left = end - at - sizeof(*note);
        if (owner_size > left || note->n_descsz > left - owner_size)
            return elf_damaged(reader, at, "a note that is longer than its segment");
        if (note->n_type == MODULE_NOTE_TYPE && note->n_namesz == sizeof(MODULE_NOTE_OWNER) &&
            memcmp(note + 1, MODULE_NOTE_OWNER, sizeof(MODULE_NOTE_OWNER)) == 0) {
            file->note_offset = at + sizeof(*note) + owner_size;
            file->note_size = note->n_descsz;
            file->note_address = segment->p_vaddr + (file->note_offset - segment->p_offset);
            return 0;
        }
        if (content_size > left - owner_size)
            break;
        at += sizeof(*note) + owner_size + content_size;
    }
    return 0;
}

static int find_note(struct elf_reader *reader, struct elf_file *file)
{
    for (unsigned i = 0; i < reader->header_count && !file->note_size; i++) {
        if (reader->headers[i].p_type != PT_NOTE)
            continue;
        int error = find_note_in(reader, &reader->headers[i], file);
        if (error)
            return error;
    }
    if (!file->note_size)
        return elf_foreign(reader, "is an ELF file, but no storhost module: build the driver with "
                                   "`storhost build`");
    size_t offset;
    if (!elf_bytes_at(reader, file->note_address, file->note_size, &offset) ||
        offset != file->note_offset)
        return elf_damaged(reader, file->note_offset, "the storhost note is not loaded");
    return 0;
}

static bool string_is_sound(const struct elf_file *file, uint32_t offset)
{
    return offset < file->note->strings_size &&
           memchr(file->strings + offset, 0, file->note->strings_size - offset) != NULL;
}

static int check_imports(struct elf_reader *reader, const struct elf_file *file)
{
    const Elf64_Phdr *relro = reader->relro;
    for (uint32_t i = 0; i < file->note->import_count; i++) {
        size_t at = (size_t)((const uint8_t *)&file->imports[i] - reader->bytes);
        uint64_t slot = elf_file_import_slot(file, i);
        const Elf64_Phdr *load = elf_segment_of(reader, slot, sizeof(void *));
        if (!load || !(load->p_flags & PF_W) || slot % sizeof(void *) != 0)
            return elf_damaged(reader, at, "an import slot that is not in writable memory");
        if (relro && slot + sizeof(void *) > relro->p_vaddr &&
            slot < relro->p_vaddr + relro->p_memsz)
            return elf_damaged(reader, at, "an import slot in memory that becomes read-only");
        if (!string_is_sound(file, file->imports[i].name))
            return elf_damaged(reader, at, "an import whose name lies outside of the note");
    }
    return 0;
}

static int read_note(struct elf_reader *reader, struct elf_file *file)
{
    size_t at = file->note_offset;
    if (file->note_size < sizeof(struct module_note))
        return elf_damaged(reader, at, "the storhost note is too short");
    const struct module_note *note = (const struct module_note *)(reader->bytes + at);
    if (note->version != MODULE_NOTE_VERSION)
        return elf_foreign(reader, "was built by another version of `storhost build`: build the "
                                   "driver again with this one");
    size_t left = file->note_size - sizeof(*note);
    if (note->import_count > left / sizeof(struct module_import) ||
        note->strings_size > left - note->import_count * sizeof(struct module_import))
        return elf_damaged(reader, at, "the storhost note is shorter than it says");
    file->note = note;
    file->imports = (const struct module_import *)(note + 1);
    file->strings = (const char *)(file->imports + note->import_count);
    if (!string_is_sound(file, note->name) || !string_is_sound(file, note->build))
        return elf_damaged(reader, at, "a name that lies outside of the storhost note");
    reader->instrumented = note->instrumentation != 0;

    file->entry = file->note_address + (uint64_t)(int64_t)note->entry;
    if (file->entry < file->code_address || file->entry - file->code_address >= file->code_size)
        return elf_damaged(reader, at + offsetof(struct module_note, entry),
                           "DriverEntry does not lie in code");
    return check_imports(reader, file);
}

/* The fault handler asks whether an address is code by one comparison: one code segment it is. */
static int find_code(struct elf_reader *reader, struct elf_file *file)
{
    for (unsigned i = 0; i < reader->load_count; i++) {
        const Elf64_Phdr *load = reader->loads[i];
        file->memory_size = load->p_vaddr + load->p_memsz;
        if (!(load->p_flags & PF_X))
            continue;
        if (file->code_size)
            return elf_damaged(reader, header_offset(reader, load), "two code segments");
        file->code_address = load->p_vaddr;
        file->code_size = load->p_filesz;
    }
    if (!file->code_size)
        return elf_damaged(reader, 0, "no code segment");
    return 0;
}

int elf_file_parse(struct elf_file *ret_file, const void *bytes, size_t size,
                   struct elf_fault *fault)
{
    struct elf_reader reader = {.bytes = bytes, .size = size, .fault = fault};
    struct elf_file file = {.bytes = bytes, .size = size};
    int error = check_header(&reader);
    for (unsigned i = 0; !error && i < reader.header_count; i++)
        error = check_segment(&reader, &reader.headers[i]);
    if (!error)
        error = find_note(&reader, &file);
    if (!error)
        error = find_code(&reader, &file);
    if (!error)
        error = check_relro(&reader);
    if (!error)
        error = check_header_segment(&reader);
    if (!error)
        error = check_mapped(&reader, reader.unwind, "unwind tables that are not loaded");
    if (!error)
        error = read_note(&reader, &file);
    if (!error)
        error = elf_check_dynamic(&reader);
    if (error)
        return error;
    *ret_file = file;
    return 0;
}

const char *elf_file_import_name(const struct elf_file *file, uint32_t index)
{
    return file->strings + file->imports[index].name;
}

uint64_t elf_file_import_slot(const struct elf_file *file, uint32_t index)
{
    return file->note_address + (uint64_t)(int64_t)file->imports[index].slot;
}
