/*
 * elf_module.c - loads an ELF module: checks the file, has the dynamic linker map it, and fills its
 * import slots from the table of routines.
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
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A sanitizer's runtime has to be in the process before the code that calls it. */
static int check_runtime(const struct image_reason *reason, const struct elf_file *file)
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
            return image_fail(reason, -ENOEXEC, runtimes[i].what);
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
    int error = missing_imports_create(&image->missing, image->name, missing_count, false);
    if (error)
        return error;
    for (uint32_t i = 0; i < count; i++) {
        const char *symbol = elf_file_import_name(file, i);
        const struct nt_export *row = nt_export_find(NULL, symbol);
        void **slot = (void **)(image->base + elf_file_import_slot(file, i));
        void *missing = row ? NULL : missing_imports_add(image->missing, symbol);
        if (!row && !missing)
            return -ENOMEM;
        if (file->imports[i].flags & MODULE_IMPORT_DATA)
            *slot = row ? row->address : NULL; /* there is no stub for a variable */
        else
            *slot = row ? row->address : missing;
    }
    return missing_imports_seal(image->missing);
}

/* The dynamic linker has mapped what its headers say, so they are asked for the parts. */
static int list_segments(struct image *image)
{
    const ElfW(Phdr) * headers;
    int count = dlinfo(image->handle, RTLD_DI_PHDR, (void *)&headers);

    image->segments = calloc(count > 0 ? (size_t)count : 1, sizeof(*image->segments));
    if (!image->segments)
        return -ENOMEM;
    for (int i = 0; i < count; i++) {
        if (headers[i].p_type != PT_LOAD)
            continue;
        image->segments[image->segment_count++] = (struct image_segment){
            .begin = image->base + headers[i].p_vaddr,
            .size = headers[i].p_memsz,
            .is_code = headers[i].p_flags & PF_X,
            .is_writable = headers[i].p_flags & PF_W,
        };
    }
    return 0;
}

static int map_and_bind(struct image *image, const struct elf_file *file,
                        const struct image_reason *reason)
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
    image->memory_size = file->memory_size;
    char line[1];
    sh_assert(!image_describe(image->base, line, sizeof(line), false)); /* nobody else's memory */
    if (!is_what_was_checked(image, file))
        return image_fail(reason, -EILSEQ, "changed while it was loaded: try again");
    image->entry = (image_entry)(image->base + file->entry);
    image->stays = file->note->instrumentation != 0;
    if (list_segments(image) != 0 || bind_imports(image, file) != 0)
        return image_fail(reason, -ENOMEM, "cannot be loaded: out of memory");
    return 0;
}

int elf_module_load(struct image *image, const uint8_t *bytes, size_t size,
                    const struct image_reason *reason)
{
    struct elf_file file;
    struct elf_fault fault;
    int error = elf_file_parse(&file, bytes, size, &fault);
    if (error == -EILSEQ) {
        snprintf(reason->text, reason->size,
                 "%s is damaged at offset %zu: %s: build the driver again", reason->path,
                 fault.offset, fault.what);
        return error;
    }
    if (error)
        return image_fail(reason, error, fault.what);
    error = check_runtime(reason, &file);
    return error ? error : map_and_bind(image, &file, reason);
}

void elf_module_unmap(struct image *image)
{
    dlclose(image->handle);
}
