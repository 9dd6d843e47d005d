/*
 * elf_module.c - loads an ELF module: reads the file, checks it, has the dynamic linker map it, and
 * fills its import slots from the table of routines.
 *
 * The dynamic linker only maps and relocates; it resolves no import of a driver. It never maps one
 * file twice, so a second image of a file is made from a private copy in memory.
 */
#include "image/elf_file.h"
#include "image/image_internal.h"

#include "nt/export.h"
#include "sys/sys.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const size_t file_size_max = 256u << 20;

/* Loads are serial: between the look whether a file is mapped and its mapping nobody may map it. */
static struct sys_mutex load_mutex;

/* The one-line message for people that goes with an error. */
struct reason {
    const char *path;
    char *text;
    size_t size;
};

static int fail(const struct reason *reason, int error, const char *what)
{
    snprintf(reason->text, reason->size, "%s %s", reason->path, what);
    return error;
}

static int fail_errno(const struct reason *reason, const char *what)
{
    int error = errno;
    snprintf(reason->text, reason->size, "%s: %s: %s", reason->path, what, strerror(error));
    return -error;
}

static int read_whole(int fd, uint8_t *bytes, size_t size)
{
    size_t done = 0;
    while (done < size) {
        ssize_t count = read(fd, bytes + done, size - done);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return -errno;
        if (count == 0)
            return -EIO;
        done += (size_t)count;
    }
    return 0;
}

/* Reads the whole file, so that what was checked cannot change afterwards. */
static int read_file(const struct reason *reason, uint8_t **ret_bytes, size_t *ret_size)
{
    int fd = open(reason->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return fail_errno(reason, "cannot open the driver");
    int error = 0;
    uint8_t *bytes = NULL;
    struct stat status;
    if (fstat(fd, &status) < 0)
        error = fail_errno(reason, "cannot look at the driver");
    else if (!S_ISREG(status.st_mode))
        error = fail(reason, -ENOEXEC, "is not a file: give a driver module");
    else if ((uint64_t)status.st_size > file_size_max)
        error = fail(reason, -ENOEXEC, "is larger than any driver module");
    else if ((bytes = malloc((size_t)status.st_size + 1)) == NULL)
        error = fail(reason, -ENOMEM, "does not fit into memory");
    else if ((error = read_whole(fd, bytes, (size_t)status.st_size)) < 0) {
        errno = -error;
        error = fail_errno(reason, "cannot read the driver");
    }
    close(fd);
    if (error) {
        free(bytes);
        return error;
    }
    *ret_bytes = bytes;
    *ret_size = (size_t)status.st_size;
    return 0;
}

/* A sanitizer's runtime has to be in the process before the code that calls it. */
static int check_runtime(const struct reason *reason, const struct elf_file *file)
{
    static const struct {
        uint32_t bit;
        const char *symbol;
        const char *what;
    } runtimes[] = {
        {MODULE_ADDRESS_SANITIZER, "__asan_init",
         "was built with the address sanitizer, whose runtime is not in this process: run it with "
         "a storhost built with -Db_sanitize=address, or build it without"},
        {MODULE_THREAD_SANITIZER, "__tsan_init",
         "was built with the thread sanitizer, whose runtime is not in this process: run it with "
         "a storhost built with -Db_sanitize=thread, or build it without"},
        {MODULE_UNDEFINED_SANITIZER, "__ubsan_handle_add_overflow",
         "was built with the undefined-behaviour sanitizer, whose runtime is not in this process: "
         "run it with a storhost built with -Db_sanitize=undefined, or build it without"},
    };
    for (size_t i = 0; i < sizeof(runtimes) / sizeof(runtimes[0]); i++)
        if ((file->note->instrumentation & runtimes[i].bit) &&
            !dlsym(RTLD_DEFAULT, runtimes[i].symbol))
            return fail(reason, -ENOEXEC, runtimes[i].what);
    return 0;
}

/* The dynamic linker knows files by the spelling of their names, and the number of a descriptor
 * comes back once it is closed. So each copy's name spells a number of its own, in slashes and dots
 * that mean nothing to the kernel. */
static void name_copy(char *name, size_t size, int fd)
{
    static unsigned copies;
    char spelling[3 * 32 + 1];
    size_t used = 0;
    for (unsigned number = ++copies; number; number >>= 1) {
        if (number & 1)
            spelling[used++] = '.';
        spelling[used++] = '/';
    }
    spelling[used] = 0;
    snprintf(name, size, "/proc/self/fd/%s%d", spelling, fd);
}

static void *map_copy(const struct image *image, const struct elf_file *file)
{
    int fd = memfd_create(image->name, MFD_CLOEXEC);
    if (fd < 0)
        return NULL;
    void *handle = NULL;
    size_t done = 0;
    while (done < file->size) {
        ssize_t count = write(fd, file->bytes + done, file->size - done);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            break;
        done += (size_t)count;
    }
    if (done == file->size) {
        char path[160];
        name_copy(path, sizeof(path), fd);
        handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    }
    close(fd);
    return handle;
}

/* Has the dynamic linker map the module; NULL with dlerror when it refuses. */
static void *map_module(const struct image *image, const struct elf_file *file, const char *path)
{
    char *full = realpath(path, NULL);
    if (!full)
        return map_copy(image, file);
    void *handle = NULL, *mapped = dlopen(full, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
    if (mapped)
        dlclose(mapped);
    else
        handle = dlopen(full, RTLD_NOW | RTLD_LOCAL);
    free(full);
    return mapped ? map_copy(image, file) : handle;
}

/* Between the check and the mapping the file may have been replaced. */
static bool is_what_was_checked(const struct image *image, const struct elf_file *file)
{
    return memcmp(image->base + file->note_address, file->bytes + file->note_offset,
                  file->note_size) == 0;
}

static int bind_imports(struct image *image, const struct elf_file *file)
{
    uint32_t count = file->note->import_count;
    size_t missing_count = 0;
    for (uint32_t i = 0; i < count; i++)
        if (!nt_export_find(NULL, elf_file_import_name(file, i)))
            missing_count++;
    int error = missing_imports_create(&image->missing, image->name, missing_count);
    if (error)
        return error;
    for (uint32_t i = 0; i < count; i++) {
        const char *symbol = elf_file_import_name(file, i);
        const struct nt_export *row = nt_export_find(NULL, symbol);
        void **slot = (void **)(image->base + elf_file_import_slot(file, i));
        void *missing = row ? NULL : missing_imports_add(image->missing, symbol);
        if (file->imports[i].flags & MODULE_IMPORT_DATA)
            *slot = row ? row->address : NULL; /* there is no stub for a variable */
        else
            *slot = row ? row->address : missing;
    }
    return missing_imports_seal(image->missing);
}

static int map_and_bind(struct image *image, const struct elf_file *file,
                        const struct reason *reason)
{
    struct link_map *map;
    dlerror();
    image->handle = map_module(image, file, reason->path);
    if (!image->handle || dlinfo(image->handle, RTLD_DI_LINKMAP, &map) != 0) {
        const char *what = dlerror();
        snprintf(reason->text, reason->size, "%s: the dynamic linker refuses the module: %s",
                 reason->path, what ? what : strerror(errno));
        return -ENOEXEC;
    }
    image->base = (uint8_t *)map->l_addr;
    char line[1];
    sh_assert(!image_describe(image->base, line, sizeof(line), false)); /* nobody else's memory */
    if (!is_what_was_checked(image, file))
        return fail(reason, -EILSEQ, "changed while it was loaded: try again");
    image->entry = (image_entry)(image->base + file->entry);
    image->stays = file->note->instrumentation != 0;
    if (bind_imports(image, file) != 0 ||
        image_place_add(image, file->memory_size, file->code_address, file->code_size) != 0)
        return fail(reason, -ENOMEM, "cannot be loaded: out of memory");
    return 0;
}

static void image_free(struct image *image)
{
    if (image->place)
        image_place_remove(image);
    if (image->handle)
        dlclose(image->handle);
    missing_imports_destroy(image->missing);
    image_symbols_destroy(image->symbols);
    free(image->name);
    free(image);
}

int image_load(struct image **ret_image, const char *path, const char *name, char *reason_text,
               size_t reason_size)
{
    const struct reason reason = {path, reason_text, reason_size};
    uint8_t *bytes = NULL;
    size_t size = 0;
    int error = read_file(&reason, &bytes, &size);
    if (error)
        return error;
    struct elf_file file;
    struct elf_fault fault;
    error = elf_file_parse(&file, bytes, size, &fault);
    if (error == -EILSEQ)
        snprintf(reason_text, reason_size,
                 "%s is damaged at offset %zu: %s: build the driver again", path, fault.offset,
                 fault.what);
    else if (error)
        fail(&reason, error, fault.what);
    else
        error = check_runtime(&reason, &file);
    struct image *image = error ? NULL : calloc(1, sizeof(*image));
    if (!image) {
        free(bytes);
        return error ? error : fail(&reason, -ENOMEM, "cannot be loaded: out of memory");
    }
    image->name = strdup(name);
    if (!image->name || image_symbols_create(&image->symbols, bytes, size) != 0) {
        free(bytes);
        image_free(image);
        return fail(&reason, -ENOMEM, "cannot be loaded: out of memory");
    }
    sys_mutex_lock(&load_mutex);
    error = map_and_bind(image, &file, &reason);
    sys_mutex_unlock(&load_mutex);
    if (error) {
        image_free(image);
        return error;
    }
    *ret_image = image;
    return 0;
}

void image_unload(struct image *image)
{
    if (!image || image->stays)
        return;
    image_free(image);
}

/* ---- parts of a mapped image ---- */

static int segments(const struct image *image, const ElfW(Phdr) * *ret_headers)
{
    return dlinfo(image->handle, RTLD_DI_PHDR, (void *)ret_headers);
}

bool image_segment_of(const struct image *image, const void *address,
                      const unsigned char **ret_base, size_t *ret_length)
{
    const ElfW(Phdr) * headers;
    int count = segments(image, &headers);
    uintptr_t offset = (uintptr_t)address - (uintptr_t)image->base;

    for (int i = 0; i < count; i++) {
        if (headers[i].p_type != PT_LOAD || offset < headers[i].p_vaddr ||
            offset - headers[i].p_vaddr >= headers[i].p_memsz)
            continue;
        *ret_base = image->base + headers[i].p_vaddr;
        *ret_length = headers[i].p_memsz;
        return true;
    }
    return false;
}

bool image_writable_at(const struct image *image, unsigned index, const unsigned char **ret_base,
                       size_t *ret_length)
{
    const ElfW(Phdr) * headers;
    int count = segments(image, &headers);

    for (int i = 0; i < count; i++) {
        if (headers[i].p_type != PT_LOAD || !(headers[i].p_flags & PF_W) || index--)
            continue;
        *ret_base = image->base + headers[i].p_vaddr;
        *ret_length = headers[i].p_memsz;
        return true;
    }
    return false;
}
