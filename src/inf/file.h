/*
 * file.h - an INF file as text: sections of lines, lines of fields, with string keys replaced.
 *
 * What the text means is not known here. Everything that a file holds comes from outside: a mistake
 * in it is an error with file and line, and whatever belongs to a file lives in the memory of its
 * set and goes with it.
 */
#ifndef STORHOST_INF_FILE_H
#define STORHOST_INF_FILE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    INF_FILE_BYTES_MAX = 4 << 20,
    INF_SECTION_NAME_MAX = 255, /* characters, as Windows has it */
    INF_FIELD_MAX = 4095,       /* bytes, before and after string keys are replaced */
    INF_SECTIONS_MAX = 4096,    /* of a file */
    INF_FILES_MAX = 16,         /* of a set */
};

/* ---- memory that is freed as a whole (memory.c) ---- */

struct inf_memory {
    struct inf_block *blocks;
};
/* Zeroed, aligned for pointers; NULL when there is none. */
void *inf_allocate(struct inf_memory *memory, size_t size);
/* A copy of `length` bytes and a terminator. */
char *inf_copy(struct inf_memory *memory, const char *text, size_t length);
char *inf_format(struct inf_memory *memory, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void inf_memory_free(struct inf_memory *memory);

/* Room for one more in an array of pointers that grows by doubling. False: no memory. */
bool inf_list_grow(struct inf_memory *memory, void ***list, unsigned count);

/* ---- the text ---- */

/* A logical line, which continuations may have made of several. */
struct inf_line {
    struct inf_line *next;
    unsigned number; /* where it begins, from 1 */
    const char *key; /* what is before '='; NULL: there is none */
    const char **fields;
    unsigned field_count;
};

struct inf_section {
    struct inf_section *next;
    const char *name;
    unsigned number; /* line of its first header */
    struct inf_line *lines, **end;
};

struct inf_file {
    struct inf_set *set;
    const char *name; /* as messages call it */
    struct inf_section *sections, **end;
    unsigned section_count;
    unsigned template_line; /* where $ARCH$ stands, which a build tool should have replaced; 0 */
};

/* A file with those that it includes. */
struct inf_set {
    struct inf_memory memory;
    const char *directory; /* of the first file, with its slash; "" for the current one */
    struct inf_file *files[INF_FILES_MAX];
    unsigned file_count;
    /* Things that are not as they might be, but that Windows takes too: "FILE:LINE: text". */
    const char **notes;
    unsigned note_count;
    char *reason; /* of the first error; the caller's */
    size_t reason_size;
};

/* `reason` lasts as long as the set. */
void inf_set_initialize(struct inf_set *set, char *reason, size_t reason_size);
void inf_set_free(struct inf_set *set);

/* Reads a file (the first one names the directory). 0; -ENOENT and other errno without a file;
 * -EINVAL for a malformed one, -EFBIG, -ENOMEM; with a reason. */
int inf_file_read(struct inf_file **ret_file, struct inf_set *set, const char *path);
/* The same from memory. */
int inf_file_parse(struct inf_file **ret_file, struct inf_set *set, const char *name,
                   const void *bytes, size_t size);
/* A file of the set's directory by its bare name, in any case; read once. -ENOENT without a reason
 * when there is none. */
int inf_file_include(struct inf_file **ret_file, struct inf_set *set, const char *name);
/* The path of the directory's entry of that name, in any case; NULL: there is none. The directory
 * ends with a slash or is "". */
char *inf_find_beside(struct inf_set *set, const char *directory, const char *name);

/* NULL: the file has none of that name. Names are compared without regard to case. */
const struct inf_section *inf_section_find(const struct inf_file *file, const char *name);
/* The first line of a section with that key. */
const struct inf_line *inf_line_find(const struct inf_section *section, const char *key);
/* A field from 0; "" when the line is shorter. */
const char *inf_field(const struct inf_line *line, unsigned index);
/* The first field of the first line with that key; NULL: there is no such line. */
const char *inf_value(const struct inf_section *section, const char *key);
/* A number of C's writing, decimal or 0x, with a sign or without one. False: it is none. */
bool inf_number(const char *text, unsigned long long *ret_number);

/* Both name the line; `number` 0: the file as a whole. The first returns -EINVAL. */
int inf_refuse(const struct inf_file *file, unsigned number, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void inf_note(const struct inf_file *file, unsigned number, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* -ENOMEM, with a reason. */
int inf_no_memory(struct inf_set *set);

bool inf_equal(const char *left, const char *right);

/* ---- its making ---- */

/* The bytes as UTF-8, ended by a null that *ret_size does not count: UTF-16 and UTF-8 with their
 * marks, UTF-16 without one where every other byte is zero, else Windows-1252 (decode.c). */
int inf_decode(char **ret_text, size_t *ret_size, const struct inf_file *file, const void *bytes,
               size_t size);
/* Fills the file with sections (lex.c). */
int inf_lex(struct inf_file *file, const char *text, size_t size);
/* Replaces %KEY% in keys and fields by what [Strings] says (strings.c). */
int inf_strings_replace(struct inf_file *file);

#ifdef __cplusplus
}
#endif

#endif
