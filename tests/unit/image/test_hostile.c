/*
 * test_hostile.c - a file that is no module, or a damaged one, is refused with a reason that says
 * what it is and where, and never brings the process down.
 */
#include "image/elf_file.h"
#include "image/image.h"
#include "sys/sys.h"
#include "test_support.h"

#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const char *module_path;
static struct file_bytes module;

static void expect_refusal(const char *path, int error, const char *words)
{
    struct image *image = NULL;
    char reason[512] = "";
    assert_int_equal(image_load(&image, path, "sample", reason, sizeof(reason)), error);
    assert_null(image);
    if (!strstr(reason, words))
        print_error("reason: %s\n", reason);
    assert_non_null(strstr(reason, words));
    assert_non_null(strstr(reason, path));
    assert_null(strchr(reason, '\n'));
}

static void expect_refusal_of_bytes(const void *bytes, size_t size, int error, const char *words)
{
    char *path = support_write(bytes, size);
    expect_refusal(path, error, words);
    support_remove(path);
}

static void a_file_that_does_not_exist(void **state)
{
    (void)state;
    expect_refusal("/nonexistent/driver.so", -ENOENT, "No such file");
}

static void a_folder(void **state)
{
    (void)state;
    expect_refusal("/tmp", -ENOEXEC, "is not a file");
}

static void an_empty_file(void **state)
{
    (void)state;
    expect_refusal_of_bytes("", 0, -ENOEXEC, "is neither a Windows image nor an ELF file");
}

static void a_text_file(void **state)
{
    (void)state;
    expect_refusal_of_bytes("; an INF file\n", 14, -ENOEXEC,
                            "is neither a Windows image nor an ELF file");
}

static void the_first_bytes_of_a_windows_image(void **state)
{
    (void)state;
    expect_refusal_of_bytes("MZ\x90\0", 4, -EILSEQ, "at offset 4: the file ends within its DOS");
}

static void a_linux_program(void **state)
{
    (void)state;
    expect_refusal("/proc/self/exe", -ENOEXEC, "no storhost module");
}

static void a_module_for_another_machine(void **state)
{
    (void)state;
    struct file_bytes copy = {malloc(module.size), module.size};
    memcpy(copy.bytes, module.bytes, module.size);
    ((Elf64_Ehdr *)copy.bytes)->e_machine = EM_AARCH64;
    expect_refusal_of_bytes(copy.bytes, copy.size, -ENOEXEC, "for another machine");
    free(copy.bytes);
}

static void a_module_that_is_cut_short_at_any_length(void **state)
{
    (void)state;
    struct elf_file file;
    struct elf_fault fault;
    assert_int_equal(elf_file_parse(&file, module.bytes, module.size, &fault), 0);
    size_t loaded_end = 0;
    const Elf64_Ehdr *header = (const Elf64_Ehdr *)module.bytes;
    const Elf64_Phdr *segments = (const Elf64_Phdr *)(module.bytes + header->e_phoff);
    for (unsigned i = 0; i < header->e_phnum; i++)
        if (segments[i].p_offset + segments[i].p_filesz > loaded_end)
            loaded_end = segments[i].p_offset + segments[i].p_filesz;
    for (size_t size = 0; size < loaded_end; size++) {
        uint8_t *copy = malloc(size ? size : 1); /* of exact size: sanitizers see a read past it */
        memcpy(copy, module.bytes, size);
        int error = elf_file_parse(&file, copy, size, &fault);
        assert_true(error == -ENOEXEC || error == -EILSEQ);
        assert_true(fault.offset <= size);
        free(copy);
    }
}

/* Writes `value` over the 32 bits at `offset` of the note and expects the words. */
static void expect_note_fault(size_t offset, uint32_t value, int error, const char *words)
{
    struct elf_file file;
    struct elf_fault fault;
    assert_int_equal(elf_file_parse(&file, module.bytes, module.size, &fault), 0);
    uint8_t *copy = malloc(module.size);
    memcpy(copy, module.bytes, module.size);
    memcpy(copy + file.note_offset + offset, &value, sizeof(value));
    expect_refusal_of_bytes(copy, module.size, error, words);
    free(copy);
}

static void a_note_that_points_outside(void **state)
{
    (void)state;
    const size_t import = sizeof(struct module_note);
    expect_note_fault(offsetof(struct module_note, version), 99, -ENOEXEC, "another version");
    expect_note_fault(offsetof(struct module_note, entry), 0x7fffffff, -EILSEQ, "DriverEntry");
    expect_note_fault(offsetof(struct module_note, entry), 0x80000000, -EILSEQ, "DriverEntry");
    expect_note_fault(offsetof(struct module_note, entry), 0, -EILSEQ, "DriverEntry");
    expect_note_fault(offsetof(struct module_note, import_count), 0xffffffff, -EILSEQ, "shorter");
    expect_note_fault(offsetof(struct module_note, strings_size), 0xffffffff, -EILSEQ, "shorter");
    expect_note_fault(offsetof(struct module_note, strings_size), 0, -EILSEQ, "outside");
    expect_note_fault(offsetof(struct module_note, name), 0xffffffff, -EILSEQ, "outside");
    expect_note_fault(import + offsetof(struct module_import, slot), 0, -EILSEQ, "slot");
    expect_note_fault(import + offsetof(struct module_import, slot), 0x7ffffff8, -EILSEQ, "slot");
    expect_note_fault(import + offsetof(struct module_import, name), 0xffffff, -EILSEQ, "name");
}

static void the_reason_gives_the_offset(void **state)
{
    (void)state;
    struct elf_file file;
    struct elf_fault fault;
    assert_int_equal(elf_file_parse(&file, module.bytes, module.size, &fault), 0);
    char words[64];
    snprintf(words, sizeof(words),
             "at offset %zu:", file.note_offset + offsetof(struct module_note, entry));
    expect_note_fault(offsetof(struct module_note, entry), 0, -EILSEQ, words);
}

struct damage {
    uint8_t *bytes;
    size_t size;
};

static void load_damaged(void *argument)
{
    struct damage *damage = argument;
    char *path = support_write(damage->bytes, damage->size), reason[512];
    struct image *image = NULL;
    if (image_load(&image, path, "damaged", reason, sizeof(reason)) == 0) {
        char line[256];
        image_describe((void *)image_entry_point(image), line, sizeof(line), true);
        image_unload(image);
    }
    support_remove(path);
}

/* Everything in front of the code is what we, the dynamic linker and elfutils read. */
static void any_damaged_byte_of_the_headers_is_survived(void **state)
{
    (void)state;
    struct elf_file file;
    struct elf_fault fault;
    assert_int_equal(elf_file_parse(&file, module.bytes, module.size, &fault), 0);
    const char *given = getenv("STORHOST_TEST_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 0) : (uint64_t)getpid();
    print_message("# seed %llu (set STORHOST_TEST_SEED to repeat)\n", (unsigned long long)seed);
    uint64_t random = seed * 6364136223846793005ull + 1442695040888963407ull;
    size_t first_code = file.code_address & 0xfff;
    for (int i = 0; i < 1500; i++) {
        random = random * 6364136223846793005ull + 1442695040888963407ull;
        size_t at = (size_t)(random >> 33) % (i % 2 ? first_code : module.size);
        struct damage damage = {malloc(module.size), module.size};
        memcpy(damage.bytes, module.bytes, module.size);
        damage.bytes[at] ^= (uint8_t)(1u << (random >> 30 & 7));
        char text[4096];
        int status = support_run_child(load_damaged, &damage, text, sizeof(text));
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
            print_error("offset %zu, bit %u, wait status 0x%x: %s\n", at,
                        (unsigned)(random >> 30 & 7), (unsigned)status, text);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        free(damage.bytes);
    }
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_that_does_not_exist),
        cmocka_unit_test(a_folder),
        cmocka_unit_test(an_empty_file),
        cmocka_unit_test(a_text_file),
        cmocka_unit_test(the_first_bytes_of_a_windows_image),
        cmocka_unit_test(a_linux_program),
        cmocka_unit_test(a_module_for_another_machine),
        cmocka_unit_test(a_module_that_is_cut_short_at_any_length),
        cmocka_unit_test(a_note_that_points_outside),
        cmocka_unit_test(the_reason_gives_the_offset),
        cmocka_unit_test(any_damaged_byte_of_the_headers_is_survived),
    };
    if (argument_count != 2) {
        fprintf(stderr, "usage: test_hostile MODULE\n");
        return 2;
    }
    module_path = arguments[1];
    module = support_read(module_path);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(module.bytes);
    return failed;
}
