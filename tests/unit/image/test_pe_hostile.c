/*
 * test_pe_hostile.c - a Windows image that is no x64 driver, or a damaged one, is refused with a
 * reason that says what it is and where, and never brings the process down.
 */
#include "image/image_internal.h"
#include "image/pe_file.h"
#include "sys/sys.h"
#include "test_support.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct file_bytes sample;
static struct pe_file sound; /* the sample, parsed */
static size_t optional_offset, sections_offset;

static uint8_t *copy_of_sample(void)
{
    uint8_t *copy = malloc(sample.size);
    sh_assert(copy);
    memcpy(copy, sample.bytes, sample.size);
    return copy;
}

/* Takes `bytes`. */
static void expect_refusal(uint8_t *bytes, size_t size, int error, size_t offset, const char *words)
{
    char text[512] = "", place[64];
    const struct image_reason reason = {"FILE", text, sizeof(text)};
    struct image *image = NULL;
    int result = image_load_bytes(&image, bytes, size, "sample", &reason);
    assert_null(image);
    snprintf(place, sizeof(place), "FILE is damaged at offset %zu: ", offset);
    if (!strstr(text, words) || (error == -EILSEQ && strncmp(text, place, strlen(place)) != 0))
        print_error("reason: %s; wanted: %s%s\n", text, error == -EILSEQ ? place : "", words);
    assert_int_equal(result, error);
    assert_non_null(strstr(text, words));
    if (error == -EILSEQ)
        assert_memory_equal(text, place, strlen(place));
    assert_null(strchr(text, '\n'));
}

/* One number of the sample that is changed. */
struct edit {
    size_t offset;
    unsigned size;
    uint64_t value;
    int error;
    const char *words;
};

/* The fault is told at `place`, or where the edit is if that is 0. */
static void expect_each_at(size_t place, const struct edit *edits, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t *copy = copy_of_sample();
        memcpy(copy + edits[i].offset, &edits[i].value, edits[i].size);
        expect_refusal(copy, sample.size, edits[i].error, place ? place : edits[i].offset,
                       edits[i].words);
    }
}

static void expect_each(const struct edit *edits, size_t count)
{
    expect_each_at(0, edits, count);
}

#define MEMBER(base, type, member)                                                                 \
    (base) + offsetof(struct type, member), sizeof(((struct type *)NULL)->member)
#define FILE_HEADER(member)                                                                        \
    MEMBER(optional_offset - sizeof(struct pe_file_header), pe_file_header, member)
#define OPTIONAL(member) MEMBER(optional_offset, pe_optional_header, member)
#define SECTION(index, member)                                                                     \
    MEMBER(sections_offset + (index) * sizeof(struct pe_section_header), pe_section_header, member)
#define DIRECTORY(index, member)                                                                   \
    MEMBER(optional_offset + sizeof(struct pe_optional_header) +                                   \
               (index) * sizeof(struct pe_directory),                                              \
           pe_directory, member)
#define COUNT(edits) (sizeof(edits) / sizeof((edits)[0]))

static void images_that_are_no_x64_drivers_are_named_for_what_they_are(void **state)
{
    const struct edit edits[] = {
        {FILE_HEADER(machine), PE_MACHINE_X86, -ENOEXEC, "for 32-bit x86: take"},
        {FILE_HEADER(machine), PE_MACHINE_ARM64, -ENOEXEC, "for ARM64: take"},
        {FILE_HEADER(machine), PE_MACHINE_ARM, -ENOEXEC, "for ARM: take"},
        {FILE_HEADER(machine), PE_MACHINE_ITANIUM, -ENOEXEC, "for Itanium: take"},
        {FILE_HEADER(machine), 0x5064, -ENOEXEC, "for another machine (0x5064)"},
        {FILE_HEADER(characteristics), 0x20, -ENOEXEC, "whose link failed"},
        {OPTIONAL(magic), PE_MAGIC_32, -ENOEXEC, "is a 32-bit image (PE32)"},
        {OPTIONAL(subsystem), PE_SUBSYSTEM_WINDOWS, -ENOEXEC, "is a Windows program or library"},
        {OPTIONAL(subsystem), PE_SUBSYSTEM_CONSOLE, -ENOEXEC, "is a Windows program or library"},
        {OPTIONAL(subsystem), PE_SUBSYSTEM_EFI_ROM, -ENOEXEC, "is an EFI image"},
        {OPTIONAL(subsystem), PE_SUBSYSTEM_BOOT_APPLICATION, -ENOEXEC, "of subsystem 16"},
        {OPTIONAL(entry_rva), 0, -ENOEXEC, "has no entry point"},
        {DIRECTORY(PE_DIRECTORY_MANAGED, rva), 0x1000, -ENOEXEC, "is a .NET program"},
        {DIRECTORY(PE_DIRECTORY_TLS, rva), 0x1000, -ENOEXEC, "has thread-local variables"},
        {optional_offset - sizeof(struct pe_file_header) - 4, 4, 0x454E, -ENOEXEC, "for DOS"},
    };

    (void)state;
    expect_each(edits, COUNT(edits));
}

static void damaged_headers_are_refused_with_the_place(void **state)
{
    const struct edit edits[] = {
        {PE_DOS_NEW_HEADER, 4, 0xFFFFFFF0, -EILSEQ, "lies outside of the file"},
        {OPTIONAL(magic), 0x107, -EILSEQ, "an optional header of kind 0x107"},
        {OPTIONAL(section_alignment), 0, -EILSEQ, "a section alignment of 0"},
        {OPTIONAL(section_alignment), 0x1800, -EILSEQ, "a section alignment of 6144"},
        {OPTIONAL(file_alignment), 3, -EILSEQ, "a file alignment of 3"},
        {OPTIONAL(file_alignment), 0x10000, -EILSEQ, "a file alignment of 65536"},
        {OPTIONAL(image_size), 0, -EILSEQ, "an image of 0 bytes: at most 268435456"},
        {OPTIONAL(image_size), 0xFFFFFFFF, -EILSEQ, "an image of 4294967295 bytes: at most"},
        {OPTIONAL(headers_size), 0x7FFFFFFF, -EILSEQ, "headers of 2147483647 bytes"},
        {OPTIONAL(image_base), 0x140000001, -EILSEQ, "an image base of 0x140000001"},
        {OPTIONAL(entry_rva), sound.sections[1].rva, -EILSEQ, "the entry point does not lie in"},
        {OPTIONAL(entry_rva), 0xFFFFFFFF, -EILSEQ, "the entry point does not lie in"},
        {SECTION(1, rva), sound.sections[0].rva, -EILSEQ, "section .rdata at 0x1000, which"},
        {SECTION(1, rva), 0xFFFFF000, -EILSEQ, "section .rdata at 0xFFFFF000, which"},
        {SECTION(1, rva), sound.sections[1].rva + 1, -EILSEQ, "section .rdata at 0x2001, which"},
        {SECTION(1, file_offset), 0xFFFFFE00, -EILSEQ, "section .rdata lies outside of the file"},
        {SECTION(1, file_offset), 0x201, -EILSEQ, "begins in the middle of a file block"},
    };

    (void)state;
    expect_each(edits, COUNT(edits));
}

static void sections_that_reach_out_are_refused_where_they_begin(void **state)
{
    (void)state;
    uint8_t *copy = copy_of_sample();
    memset(copy + sections_offset + offsetof(struct pe_section_header, memory_size), 0xFF, 4);
    expect_refusal(copy, sample.size, -EILSEQ,
                   sections_offset + offsetof(struct pe_section_header, rva),
                   "section .text at 0x1000, which overlaps others or lies outside");
    copy = copy_of_sample();
    memset(copy + sections_offset + offsetof(struct pe_section_header, file_size), 0xFF, 4);
    expect_refusal(copy, sample.size, -EILSEQ,
                   sections_offset + offsetof(struct pe_section_header, file_offset),
                   "section .text lies outside of the file");
}

static void directories_outside_of_the_image_are_refused(void **state)
{
    (void)state;
    for (unsigned i = 0; i < PE_DIRECTORY_COUNT; i++) {
        const struct edit edits[] = {
            {DIRECTORY(i, rva), 0xFFFFFFF0, -EILSEQ, "lies outside of the image"},
        };
        if (i != PE_DIRECTORY_SECURITY && i != PE_DIRECTORY_MANAGED && i != PE_DIRECTORY_TLS)
            expect_each(edits, 1);
    }
}

static void damaged_tables_are_refused_with_the_place(void **state)
{
    const size_t block = pe_offset_of(&sound, sound.directories[PE_DIRECTORY_RELOCATION].rva);
    const size_t entry = block + sizeof(struct pe_relocation_block);
    const size_t function = pe_offset_of(&sound, sound.directories[PE_DIRECTORY_EXCEPTION].rva);
    const size_t configuration =
        pe_offset_of(&sound, sound.directories[PE_DIRECTORY_LOAD_CONFIGURATION].rva);
    const struct edit edits[] = {
        {entry, 2, 0x3008, -EILSEQ, "a relocation of kind 3, which no driver for x64 has"},
        {entry, 2, 0xF008, -EILSEQ, "a relocation of kind 15, which"},
        {MEMBER(function, pe_function, begin), 0xFFFFFFFF, -EILSEQ, "a function from 0xFFFFFFFF"},
        {MEMBER(configuration, pe_load_configuration, security_cookie), 0x140800000, -EILSEQ,
         "a security cookie at 0x140800000, outside of the image"},
        {MEMBER(configuration, pe_load_configuration, guard_check), 8, -EILSEQ,
         "a pointer for guarded calls at 0x8, outside of the image"},
    };
    const struct edit of_function[] = {
        {MEMBER(function, pe_function, end), 0xFFFFFFFF, -EILSEQ, "to 0xFFFFFFFF, outside"},
        {MEMBER(function, pe_function, unwind), 0xFFFFFFF0, -EILSEQ,
         "a function whose unwind data at 0xFFFFFFF0 lie outside"},
    };

    (void)state;
    expect_each(edits, COUNT(edits));
    expect_each_at(function, of_function, COUNT(of_function));
}

static void damaged_imports_are_refused_with_their_module(void **state)
{
    const size_t ordinary = pe_offset_of(&sound, sound.directories[PE_DIRECTORY_IMPORT].rva);
    const size_t delayed = pe_offset_of(&sound, sound.directories[PE_DIRECTORY_DELAY_IMPORT].rva);
    const struct edit edits[] = {
        {MEMBER(ordinary, pe_import_descriptor, module_rva), 0x7FFFFFF0, -EILSEQ,
         "a module whose name is no text (at 0x"},
        {MEMBER(ordinary, pe_import_descriptor, names_rva), 0x7FFFFFF0, -EILSEQ,
         "a list of imports without end (at 0x"},
    };
    const struct edit of_delayed[] = {
        {MEMBER(delayed, pe_delay_descriptor, attributes), 0, -EILSEQ, "that x64 never had"},
        {MEMBER(delayed, pe_delay_descriptor, module_rva), 0x7FFFFFF0, -EILSEQ,
         "a module whose name is no text"},
    };

    (void)state;
    expect_each_at(ordinary, edits, COUNT(edits));
    expect_each_at(delayed, of_delayed, COUNT(of_delayed));
}

static void relocations_and_slots_outside_of_the_image_are_refused(void **state)
{
    const uint32_t relocations = sound.directories[PE_DIRECTORY_RELOCATION].rva;
    const uint32_t imports = sound.directories[PE_DIRECTORY_IMPORT].rva;
    size_t block = pe_offset_of(&sound, relocations);

    (void)state;
    uint8_t *copy = copy_of_sample();
    memset(copy + block, 0xF0, 4);
    expect_refusal(copy, sample.size, -EILSEQ, block + sizeof(struct pe_relocation_block),
                   "a relocation at 0xF0F0F");
    copy = copy_of_sample();
    memset(copy + block + offsetof(struct pe_relocation_block, size), 0x7F, 4);
    expect_refusal(copy, sample.size, -EILSEQ, block, "a block of relocations of 2139062143 bytes");
    copy = copy_of_sample();
    size_t descriptor = pe_offset_of(&sound, imports);
    memset(copy + descriptor + offsetof(struct pe_import_descriptor, slots_rva), 0x7F, 4);
    struct pe_import_descriptor first;
    assert_true(pe_read(&sound, imports, &first, sizeof(first)));
    expect_refusal(copy, sample.size, -EILSEQ, pe_offset_of(&sound, first.names_rva),
                   "an import whose slot lies outside of the image");
}

static void a_bound_image_without_names_says_where_to_get_another(void **state)
{
    (void)state;
    size_t descriptor = pe_offset_of(&sound, sound.directories[PE_DIRECTORY_IMPORT].rva);
    uint8_t *copy = copy_of_sample();
    memset(copy + descriptor + offsetof(struct pe_import_descriptor, names_rva), 0, 4);
    memset(copy + descriptor + offsetof(struct pe_import_descriptor, timestamp), 0x55, 4);
    expect_refusal(copy, sample.size, -EILSEQ, descriptor,
                   "bound to another system and have no names");
}

/* Many modules that share one long list of imports: every length is right, and the work is not. */
static void imports_are_counted_over_all_modules(void **state)
{
    enum { SIZE = 1 << 20, MODULES = 1000, IMPORTS = 1000 };
    const struct pe_section *data = &sound.sections[1];
    size_t descriptors = sample.size, names = descriptors + (size_t)MODULES * 20;
    uint8_t *copy = calloc(SIZE, 1);

    (void)state;
    sh_assert(copy);
    memcpy(copy, sample.bytes, sample.size);
    /* The last section grows over what is appended. */
    unsigned last = sound.section_count - 1;
    uint32_t begin = sound.sections[last].rva, offset = sound.sections[last].file_offset;
    struct pe_section_header *header =
        (void *)(copy + sections_offset + last * sizeof(struct pe_section_header));
    header->file_size = SIZE - offset;
    header->memory_size = SIZE - offset;
    struct pe_optional_header *optional = (void *)(copy + optional_offset);
    optional->image_size = begin + SIZE;
    struct pe_directory *directories = (void *)(optional + 1);
    directories[PE_DIRECTORY_IMPORT].rva = begin + (uint32_t)descriptors - offset;
    struct pe_import_descriptor one;
    assert_true(pe_read(&sound, sound.directories[PE_DIRECTORY_IMPORT].rva, &one, sizeof(one)));
    one.names_rva = begin + (uint32_t)names - offset;
    one.slots_rva = data->rva;
    for (unsigned i = 0; i < MODULES; i++)
        memcpy(copy + descriptors + i * sizeof(one), &one, sizeof(one));
    for (unsigned i = 0; i < IMPORTS; i++) {
        uint64_t by_ordinal = PE_IMPORT_BY_ORDINAL | i;
        memcpy(copy + names + i * sizeof(by_ordinal), &by_ordinal, sizeof(by_ordinal));
    }
    /* The sixteenth module's, because modules count too. */
    size_t place = names + (PE_IMPORTS_MAX - 16 * (IMPORTS + 1) - 1) * sizeof(uint64_t);
    expect_refusal(copy, SIZE, -EILSEQ, place, "more imports than any driver has");
}

static void a_file_that_is_cut_short_at_any_length_is_refused(void **state)
{
    struct pe_fault fault;
    struct pe_file *file = malloc(sizeof(*file));

    (void)state;
    sh_assert(file);
    size_t end = 0;
    for (unsigned i = 0; i < sound.section_count; i++)
        if (sound.sections[i].file_size)
            end = sound.sections[i].file_offset + sound.sections[i].file_size;
    for (size_t size = 0; size < end; size++) {
        uint8_t *copy = malloc(size ? size : 1); /* of exact size: sanitizers see a read past it */
        sh_assert(copy);
        memcpy(copy, sample.bytes, size);
        int error = pe_file_parse(file, copy, size, &fault);
        assert_true(error == -ENOEXEC || error == -EILSEQ);
        assert_true(fault.offset <= size);
        free(copy);
    }
    free(file);
}

static uint64_t next(uint64_t *random)
{
    *random = *random * 6364136223846793005ull + 1442695040888963407ull;
    return *random >> 24;
}

/* Numbers that are on the edge of something. */
static uint32_t unlikely_number(uint64_t *random)
{
    static const uint32_t numbers[] = {0,          1,          7,          0xFFF,      0x1000,
                                       0x1001,     0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFF8,
                                       0xFFFFF000, 0x10000000, 0xFFFF,     0x8000};
    uint32_t number = numbers[next(random) % COUNT(numbers)];

    return next(random) % 4 ? number : (uint32_t)next(random);
}

/* Headers, and the tables to which they lead, are where a change matters. */
static size_t likely_place(uint64_t *random)
{
    static const unsigned directories[] = {PE_DIRECTORY_IMPORT, PE_DIRECTORY_EXCEPTION,
                                           PE_DIRECTORY_RELOCATION, PE_DIRECTORY_LOAD_CONFIGURATION,
                                           PE_DIRECTORY_DELAY_IMPORT};
    uint64_t choice = next(random) % 8;

    if (choice < 2)
        return next(random) % sound.headers_size;
    if (choice == 2)
        return next(random) % sample.size;
    const struct pe_directory *directory = &sound.directories[directories[choice - 3]];
    size_t at = pe_offset_of(&sound, directory->rva);
    return at + next(random) % (directory->size + 64);
}

static void look_at(struct image *image)
{
    char line[256];
    const unsigned char *base;
    size_t size;

    assert_true(image_contains_code((const void *)image_entry_point(image)));
    image_describe((const void *)image_entry_point(image), line, sizeof(line), true);
    for (unsigned i = 0; image_writable_at(image, i, &base, &size); i++)
        ((volatile unsigned char *)(uintptr_t)base)[size - 1] = 1;
    image_unload(image);
}

static void any_damage_is_survived(void **state)
{
    enum { ROUNDS = 40000 };
    const char *given = getenv("STORHOST_TEST_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 0) : (uint64_t)getpid(), random = seed;
    unsigned loaded = 0;

    (void)state;
    print_message("# seed %llu (set STORHOST_TEST_SEED to repeat)\n", (unsigned long long)seed);
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint8_t *copy = copy_of_sample();
        for (uint64_t changes = 1 + next(&random) % 4; changes; changes--) {
            size_t at = likely_place(&random);
            uint32_t number = unlikely_number(&random);
            size_t size = (size_t)1 << next(&random) % 3;
            if (at < sample.size - sizeof(number))
                memcpy(copy + at, &number, size);
        }
        copy[0] = 'M';
        copy[1] = 'Z';
        char text[512] = "";
        const struct image_reason reason = {"FILE", text, sizeof(text)};
        struct image *image = NULL;
        int error = image_load_bytes(&image, copy, sample.size, "damaged", &reason);
        if (error == 0) {
            loaded++;
            look_at(image);
            continue;
        }
        assert_true(error == -ENOEXEC || error == -EILSEQ);
        assert_true(text[0] && !strchr(text, '\n'));
    }
    assert_in_range(loaded, 1, ROUNDS - 1);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(images_that_are_no_x64_drivers_are_named_for_what_they_are),
        cmocka_unit_test(damaged_headers_are_refused_with_the_place),
        cmocka_unit_test(sections_that_reach_out_are_refused_where_they_begin),
        cmocka_unit_test(directories_outside_of_the_image_are_refused),
        cmocka_unit_test(damaged_tables_are_refused_with_the_place),
        cmocka_unit_test(damaged_imports_are_refused_with_their_module),
        cmocka_unit_test(relocations_and_slots_outside_of_the_image_are_refused),
        cmocka_unit_test(a_bound_image_without_names_says_where_to_get_another),
        cmocka_unit_test(imports_are_counted_over_all_modules),
        cmocka_unit_test(a_file_that_is_cut_short_at_any_length_is_refused),
        cmocka_unit_test(any_damage_is_survived),
    };
    if (argument_count < 2) {
        fprintf(stderr, "usage: test_pe_hostile IMAGE\n");
        return 2;
    }
    sample = support_read(arguments[1]);
    struct pe_fault fault;
    if (pe_file_parse(&sound, sample.bytes, sample.size, &fault) != 0) {
        fprintf(stderr, "%s: at offset %zu: %s\n", arguments[1], fault.offset, fault.what);
        return 2;
    }
    optional_offset = sound.directories_offset - sizeof(struct pe_optional_header);
    sections_offset = optional_offset + sound.header.optional_header_size;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(sample.bytes);
    return failed;
}
