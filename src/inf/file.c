/*
 * file.c - reading an INF file and those that it includes, and asking for what is in them.
 */
#include "inf/file.h"
#include "nt/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOTES_MAX = 64 };

/* ---- messages ---- */

static void say(char *text, size_t size, const struct inf_file *file, unsigned number,
                const char *format, va_list arguments)
{
    int used = number ? snprintf(text, size, "%s:%u: ", file->name, number)
                      : snprintf(text, size, "%s: ", file->name);

    if (used >= 0 && (size_t)used < size)
        vsnprintf(text + used, size - (size_t)used, format, arguments);
}

int inf_refuse(const struct inf_file *file, unsigned number, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    say(file->set->reason, file->set->reason_size, file, number, format, arguments);
    va_end(arguments);
    return -EINVAL;
}

void inf_note(const struct inf_file *file, unsigned number, const char *format, ...)
{
    struct inf_set *set = file->set;
    void **notes = (void **)set->notes;
    char text[512];
    va_list arguments;

    va_start(arguments, format);
    say(text, sizeof(text), file, number, format, arguments);
    va_end(arguments);
    for (unsigned i = 0; i < set->note_count; i++)
        if (strcmp(set->notes[i], text) == 0)
            return;
    char *copy = inf_copy(&set->memory, text, strlen(text));
    if (set->note_count == NOTES_MAX || !copy ||
        !inf_list_grow(&set->memory, &notes, set->note_count))
        return;
    set->notes = (const char **)notes;
    set->notes[set->note_count++] = copy;
}

int inf_no_memory(struct inf_set *set)
{
    snprintf(set->reason, set->reason_size, "out of memory for an INF file");
    return -ENOMEM;
}

/* ---- questions ---- */

bool inf_equal(const char *left, const char *right)
{
    return text_equal_nocase(left, strlen(left), right, strlen(right));
}

const struct inf_section *inf_section_find(const struct inf_file *file, const char *name)
{
    for (const struct inf_section *section = file->sections; section; section = section->next)
        if (inf_equal(section->name, name))
            return section;
    return NULL;
}

const struct inf_line *inf_line_find(const struct inf_section *section, const char *key)
{
    for (const struct inf_line *line = section->lines; line; line = line->next)
        if (line->key && inf_equal(line->key, key))
            return line;
    return NULL;
}

const char *inf_field(const struct inf_line *line, unsigned index)
{
    return index < line->field_count ? line->fields[index] : "";
}

const char *inf_value(const struct inf_section *section, const char *key)
{
    const struct inf_line *line = inf_line_find(section, key);

    return line ? inf_field(line, 0) : NULL;
}

bool inf_number(const char *text, unsigned long long *ret_number)
{
    bool negative = *text == '-';
    const char *digits = text + (*text == '-' || *text == '+');
    int base = digits[0] == '0' && (digits[1] | 0x20) == 'x' ? 16 : 10;
    char *end;

    if (base == 16)
        digits += 2;
    /* strtoull would take blanks and another sign. */
    if (!*digits || !strchr(base == 16 ? "0123456789abcdefABCDEF" : "0123456789", *digits))
        return false;
    errno = 0;
    unsigned long long number = strtoull(digits, &end, base);
    if (errno || *end)
        return false;
    *ret_number = negative ? 0 - number : number;
    return true;
}

/* ---- reading ---- */

void inf_set_initialize(struct inf_set *set, char *reason, size_t reason_size)
{
    *set = (struct inf_set){.directory = "", .reason = reason, .reason_size = reason_size};
}

void inf_set_free(struct inf_set *set)
{
    inf_memory_free(&set->memory);
}

static struct inf_file *file_new(struct inf_set *set, const char *name)
{
    struct inf_file *file = inf_allocate(&set->memory, sizeof(*file));
    const char *copy = inf_copy(&set->memory, name, strlen(name));

    if (!file || !copy)
        return NULL;
    *file = (struct inf_file){.set = set, .name = copy, .end = &file->sections};
    return file;
}

int inf_file_parse(struct inf_file **ret_file, struct inf_set *set, const char *name,
                   const void *bytes, size_t size)
{
    struct inf_file *file = file_new(set, name);
    char *text;

    if (!file)
        return inf_no_memory(set);
    if (set->file_count == INF_FILES_MAX)
        return inf_refuse(file, 0, "more than %d files include each other", INF_FILES_MAX);
    int error = inf_decode(&text, &size, file, bytes, size);
    if (error)
        return error;
    error = inf_lex(file, text, size);
    free(text);
    if (!error)
        error = inf_strings_replace(file);
    if (error)
        return error;
    if (file->template_line)
        inf_note(file, file->template_line,
                 "$ARCH$ is for a build tool to replace: taken as amd64");
    set->files[set->file_count++] = file;
    *ret_file = file;
    return 0;
}

static int refuse_file(struct inf_set *set, const char *path, int error)
{
    if (error == -EFBIG)
        snprintf(set->reason, set->reason_size, "%s: larger than %d bytes: this is no INF file",
                 path, INF_FILE_BYTES_MAX);
    else if (error == -EISDIR)
        snprintf(set->reason, set->reason_size, "%s: not a file: give the path of an INF file",
                 path);
    else
        snprintf(set->reason, set->reason_size, "%s: %s", path, strerror(-error));
    return error;
}

static int read_whole(int fd, char **ret_bytes, size_t *ret_size)
{
    struct stat status;
    size_t size = 0;

    if (fstat(fd, &status))
        return -errno;
    if (!S_ISREG(status.st_mode))
        return -EISDIR;
    if (status.st_size > INF_FILE_BYTES_MAX)
        return -EFBIG;
    char *bytes = calloc(1, (size_t)status.st_size + 1);
    if (!bytes)
        return -ENOMEM;
    while (size < (size_t)status.st_size) {
        ssize_t got = read(fd, bytes + size, (size_t)status.st_size - size);
        if (got < 0 && errno != EINTR) {
            int error = -errno;
            free(bytes);
            return error;
        }
        if (got == 0)
            break;
        size += got > 0 ? (size_t)got : 0;
    }
    *ret_bytes = bytes;
    *ret_size = size;
    return 0;
}

int inf_file_read(struct inf_file **ret_file, struct inf_set *set, const char *path)
{
    const char *slash = strrchr(path, '/');
    char *bytes = NULL;
    size_t size = 0;

    if (!set->file_count) {
        set->directory = inf_copy(&set->memory, path, slash ? (size_t)(slash + 1 - path) : 0);
        if (!set->directory)
            return inf_no_memory(set);
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return refuse_file(set, path, -errno);
    int error = read_whole(fd, &bytes, &size);
    close(fd);
    if (error)
        return refuse_file(set, path, error);
    error = inf_file_parse(ret_file, set, slash ? slash + 1 : path, bytes, size);
    free(bytes);
    return error;
}

char *inf_find_beside(struct inf_set *set, const char *directory, const char *name)
{
    char *found = NULL;
    DIR *listing = opendir(*directory ? directory : ".");
    const struct dirent *entry;

    if (!listing)
        return NULL;
    while (!found && (entry = readdir(listing)) != NULL)
        if (inf_equal(entry->d_name, name))
            found = inf_format(&set->memory, "%s%s", directory, entry->d_name);
    closedir(listing);
    return found;
}

int inf_file_include(struct inf_file **ret_file, struct inf_set *set, const char *name)
{
    for (unsigned i = 0; i < set->file_count; i++) {
        if (inf_equal(set->files[i]->name, name)) {
            *ret_file = set->files[i];
            return 0;
        }
    }
    char *path = strpbrk(name, "/\\") ? NULL : inf_find_beside(set, set->directory, name);
    return path ? inf_file_read(ret_file, set, path) : -ENOENT;
}
