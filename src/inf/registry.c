/*
 * registry.c - AddReg, DelReg and BitReg: from lines of an INF file to operations on the registry.
 */
#include "nt/registry.h"
#include "inf/plan.h"
#include "nt/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { OPERATIONS_MAX = 16384, KEY_BYTES_MAX = 512 };

enum flags {
    FLAG_BINARY = 0x1, /* the low bit of a type */
    FLAG_KEEP_EXISTING = 0x2,
    FLAG_DELETE = 0x4,
    FLAG_APPEND = 0x8,
    FLAG_KEY_ONLY = 0x10,
    FLAG_ONLY_EXISTING = 0x20,
    FLAG_64_BIT = 0x1000,
    FLAG_KEY_ONLY_COMMON = 0x2000,
    FLAG_32_BIT = 0x4000,
    FLAG_DELETE_STRING = 0x18002, /* of DelReg */
    FLAG_SET_BITS = 0x1,          /* of BitReg */
    TYPE_SHIFT = 16,
    KNOWN_FLAGS = FLAG_BINARY | FLAG_KEEP_EXISTING | FLAG_DELETE | FLAG_APPEND | FLAG_KEY_ONLY |
                  FLAG_ONLY_EXISTING | FLAG_64_BIT | FLAG_KEY_ONLY_COMMON | FLAG_32_BIT,
};

enum columns { COLUMN_ROOT, COLUMN_KEY, COLUMN_NAME, COLUMN_FLAGS, COLUMN_VALUE };
enum { COLUMN_MASK = COLUMN_VALUE, COLUMN_BYTE = COLUMN_VALUE + 1 };

/* Values of the device's hardware key that Windows keeps with the instance itself. */
static const char *const instance_values[] = {"DeviceCharacteristics",
                                              "DeviceType",
                                              "Security",
                                              "UpperFilters",
                                              "LowerFilters",
                                              "Exclusive",
                                              "LocationInformationOverride"};

/* ---- where it goes ---- */

static int operation_add(struct inf_plan *plan, struct inf_operation *operation)
{
    void **operations = (void **)plan->operations;

    if (plan->operation_count == OPERATIONS_MAX)
        return inf_refuse(operation->file, operation->number, "more than %d registry values",
                          OPERATIONS_MAX);
    if (!inf_list_grow(&plan->set->memory, &operations, plan->operation_count))
        return inf_no_memory(plan->set);
    plan->operations = (const struct inf_operation **)operations;
    plan->operations[plan->operation_count++] = operation;
    return 0;
}

/* Below the machine's root we have what is in the current control set. */
static bool machine_key(const char **key)
{
    static const char prefix[] = "System\\CurrentControlSet\\";
    size_t length = sizeof(prefix) - 1;

    if (strlen(*key) < length || !text_equal_nocase(*key, length, prefix, length))
        return false;
    *key += length;
    return true;
}

static bool is_of_instance(const struct inf_operation *operation)
{
    if (operation->root != INF_ROOT_DEVICE || *operation->key)
        return false;
    for (unsigned i = 0; i < sizeof(instance_values) / sizeof(instance_values[0]); i++)
        if (inf_equal(operation->name, instance_values[i]))
            return true;
    return false;
}

/* Leading and trailing backslashes are taken off, as Windows does; between two of them there must
 * be a name. */
static int key_of_field(const char **ret_key, struct inf_plan *plan, const struct inf_file *file,
                        const struct inf_line *line)
{
    const char *key = inf_field(line, COLUMN_KEY);
    size_t length;

    while (*key == '\\')
        key++;
    length = strlen(key);
    while (length && key[length - 1] == '\\')
        length--;
    if (length >= KEY_BYTES_MAX)
        return inf_refuse(file, line->number, "the key's path is longer than %d characters",
                          KEY_BYTES_MAX - 1);
    key = inf_copy(&plan->set->memory, key, length);
    if (!key)
        return inf_no_memory(plan->set);
    if (strstr(key, "\\\\"))
        return inf_refuse(file, line->number, "the key's path '%s' has a key without a name", key);
    *ret_key = key;
    return 0;
}

/* Which root a line means, and the key below it. *ret_ours false: of a part of the registry that
 * the machine does not have; that is noted. */
static int root_choose(enum inf_root *root, const char **key, bool *ret_ours,
                       const struct inf_file *file, const struct inf_line *line)
{
    static const char *const others[] = {"HKCR", "HKCU", "HKU"};
    const char *name = inf_field(line, COLUMN_ROOT);

    *ret_ours = false;
    for (unsigned i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (inf_equal(name, others[i])) {
            inf_note(file, line->number, "%s,%s is ignored: the machine has no such root", name,
                     *key);
            return 0;
        }
    }
    if (inf_equal(name, "HKLM")) {
        *root = INF_ROOT_MACHINE;
        *ret_ours = machine_key(key);
        if (!*ret_ours)
            inf_note(file, line->number, "HKLM,%s is ignored: the machine has no such key", *key);
        return 0;
    }
    *ret_ours = true;
    return inf_equal(name, "HKR")
               ? 0
               : inf_refuse(file, line->number,
                            "'%s' is no root of the registry: write HKR or HKLM", name);
}

/* A line's root, key and name. *ret_operation NULL: nothing is to be done for it. */
static int operation_begin(struct inf_operation **ret_operation, struct inf_plan *plan,
                           const struct inf_file *file, const struct inf_line *line,
                           enum inf_root relative)
{
    struct inf_operation *operation = inf_allocate(&plan->set->memory, sizeof(*operation));
    const char *key = "";
    bool ours = false;

    *ret_operation = NULL;
    if (!inf_plan_count(plan, file, line->number))
        return -EINVAL;
    if (!operation)
        return inf_no_memory(plan->set);
    if (line->key)
        return inf_refuse(file, line->number,
                          "'%s =' is no registry entry: write HKR, KEY, NAME, FLAGS, VALUE",
                          line->key);
    int error = key_of_field(&key, plan, file, line);
    if (!error)
        error = root_choose(&relative, &key, &ours, file, line);
    if (error || !ours)
        return error;
    *operation = (struct inf_operation){.root = relative,
                                        .key = key,
                                        .name = inf_field(line, COLUMN_NAME),
                                        .file = file,
                                        .number = line->number};
    if (is_of_instance(operation))
        operation->root = INF_ROOT_INSTANCE;
    *ret_operation = operation;
    return 0;
}

/* What is no number counts as 0, as on Windows: it is mostly a string key that is not defined. */
static uint32_t flags_read(const struct inf_file *file, const struct inf_line *line)
{
    const char *text = inf_field(line, COLUMN_FLAGS);
    unsigned long long flags = 0;

    if (!*text)
        return 0;
    if (inf_number(text, &flags) && flags <= UINT32_MAX)
        return (uint32_t)flags;
    inf_note(file, line->number, "the flags '%s' are no number: taken as 0", text);
    return 0;
}

/* ---- values ---- */

static void value_strings(struct inf_operation *operation, const struct inf_line *line)
{
    static const char *const empty[] = {""};

    operation->strings = empty;
    operation->string_count = 1;
    if (line->field_count > COLUMN_VALUE) {
        operation->strings = line->fields + COLUMN_VALUE;
        operation->string_count =
            operation->type == NT_REGISTRY_MULTI_SZ ? line->field_count - COLUMN_VALUE : 1;
    } else if (operation->type == NT_REGISTRY_MULTI_SZ) {
        operation->string_count = 0;
    }
}

/* Fields of data: commas at the end of a line may stand there or not. */
static unsigned data_count(const struct inf_line *line)
{
    unsigned count = line->field_count;

    while (count > COLUMN_VALUE && !*line->fields[count - 1])
        count--;
    return count > COLUMN_VALUE ? count - COLUMN_VALUE : 0;
}

/* One to two hexadecimal digits, with 0x or without. */
static bool byte_parse(const char *text, unsigned char *ret_byte)
{
    char *end;

    if (text[0] == '0' && (text[1] | 0x20) == 'x')
        text += 2;
    if (!*text || strlen(text) > 2 || strspn(text, "0123456789abcdefABCDEF") != strlen(text))
        return false;
    *ret_byte = (unsigned char)strtoul(text, &end, 16);
    return true;
}

static int value_bytes(struct inf_operation *operation, struct inf_plan *plan,
                       const struct inf_line *line)
{
    size_t count = data_count(line);
    unsigned char *bytes = inf_allocate(&plan->set->memory, count ? count : 1);

    if (!bytes)
        return inf_no_memory(plan->set);
    for (size_t i = 0; i < count; i++) {
        const char *text = line->fields[COLUMN_VALUE + i];
        if (!byte_parse(text, &bytes[i]))
            return inf_refuse(operation->file, line->number,
                              "'%s' is no byte: write two hexadecimal digits", text);
    }
    operation->data = bytes;
    operation->size = count;
    return 0;
}

/* A number of 4 or 8 bytes, as one field or as its bytes. */
static int value_number(struct inf_operation *operation, struct inf_plan *plan,
                        const struct inf_line *line)
{
    size_t size = operation->type == NT_REGISTRY_DWORD ? 4 : 8;
    unsigned long long number = 0;

    if (data_count(line) == size)
        return value_bytes(operation, plan, line);
    const char *text = inf_field(line, COLUMN_VALUE);
    bool good = !*text || inf_number(text, &number);
    /* A negative one is the number that has its bits. */
    if (good && size == 4)
        good = *text == '-' ? (int64_t)number >= INT32_MIN : number <= UINT32_MAX;
    if (!good)
        return inf_refuse(operation->file, line->number, "'%s' is no number of %zu bits", text,
                          8 * size);
    if (data_count(line) > 1)
        return inf_refuse(operation->file, line->number, "one number is expected, or its %zu bytes",
                          size);
    unsigned char *bytes = inf_allocate(&plan->set->memory, size);
    if (!bytes)
        return inf_no_memory(plan->set);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (unsigned char)(number >> 8 * i);
    operation->data = bytes;
    operation->size = size;
    return 0;
}

static int value_read(struct inf_operation *operation, struct inf_plan *plan,
                      const struct inf_line *line, uint32_t flags)
{
    uint32_t high = flags >> TYPE_SHIFT;

    if (!(flags & FLAG_BINARY)) {
        static const uint32_t types[] = {NT_REGISTRY_SZ, NT_REGISTRY_MULTI_SZ,
                                         NT_REGISTRY_EXPAND_SZ};
        if (high >= sizeof(types) / sizeof(types[0]))
            return inf_refuse(operation->file, line->number, "the flags 0x%X name no type of text",
                              flags);
        operation->type = types[high];
        value_strings(operation, line);
        return 0;
    }
    switch (high) {
    case 0:
        operation->type = NT_REGISTRY_BINARY;
        return value_bytes(operation, plan, line);
    case 1:
        operation->type = NT_REGISTRY_DWORD;
        return value_number(operation, plan, line);
    case 2:
        operation->type = NT_REGISTRY_NONE;
        return value_bytes(operation, plan, line);
    case NT_REGISTRY_QWORD:
        operation->type = NT_REGISTRY_QWORD;
        return value_number(operation, plan, line);
    default: /* a type by its number */
        operation->type = high;
        return value_bytes(operation, plan, line);
    }
}

/* ---- AddReg ---- */

static int deletion_add(struct inf_plan *plan, struct inf_operation *operation, bool of_key)
{
    if (of_key && !*operation->key)
        return inf_refuse(operation->file, operation->number,
                          "names neither a key nor a value to delete");
    operation->action = of_key ? INF_DELETE_KEY : INF_DELETE_VALUE;
    return operation_add(plan, operation);
}

static int add_line(struct inf_plan *plan, const struct inf_file *file, const struct inf_line *line,
                    enum inf_root root)
{
    struct inf_operation *operation;
    uint32_t flags = flags_read(file, line);
    int error = operation_begin(&operation, plan, file, line, root);

    if (error || !operation)
        return error;
    if (flags & 0xFFFF & ~(uint32_t)KNOWN_FLAGS)
        return inf_refuse(file, line->number, "the flags 0x%X are not known", flags);
    if (flags & FLAG_DELETE)
        return deletion_add(plan, operation, !*operation->name);
    /* A line that names neither a value nor data makes the key alone. */
    if (flags & (FLAG_KEY_ONLY | FLAG_KEY_ONLY_COMMON) || line->field_count <= COLUMN_NAME) {
        operation->action = INF_CREATE_KEY;
        operation->name = "";
        return operation_add(plan, operation);
    }
    operation->keep_existing = flags & FLAG_KEEP_EXISTING;
    operation->only_existing = flags & FLAG_ONLY_EXISTING;
    error = value_read(operation, plan, line, flags);
    if (error)
        return error;
    if (flags & FLAG_APPEND) {
        if (operation->type != NT_REGISTRY_MULTI_SZ)
            return inf_refuse(file, line->number,
                              "the flags 0x%X append to what is no REG_MULTI_SZ", flags);
        operation->action = INF_APPEND;
    }
    return operation_add(plan, operation);
}

/* ---- DelReg ---- */

static int delete_line(struct inf_plan *plan, const struct inf_file *file,
                       const struct inf_line *line, enum inf_root root)
{
    struct inf_operation *operation;
    uint32_t flags = flags_read(file, line);
    int error = operation_begin(&operation, plan, file, line, root);

    if (error || !operation)
        return error;
    if ((flags & FLAG_DELETE_STRING) != FLAG_DELETE_STRING)
        return deletion_add(plan, operation, !*operation->name || flags & FLAG_KEY_ONLY_COMMON);
    operation->action = INF_DELETE_STRING;
    operation->type = NT_REGISTRY_MULTI_SZ;
    value_strings(operation, line);
    return operation_add(plan, operation);
}

/* ---- BitReg ---- */

static int bits_line(struct inf_plan *plan, const struct inf_file *file,
                     const struct inf_line *line, enum inf_root root)
{
    struct inf_operation *operation;
    uint32_t flags = flags_read(file, line);
    unsigned long long byte;
    unsigned char *mask = inf_allocate(&plan->set->memory, 1);
    int error = operation_begin(&operation, plan, file, line, root);

    if (error || !operation)
        return error;
    if (!mask)
        return inf_no_memory(plan->set);
    if (!*operation->name)
        return inf_refuse(file, line->number, "names no value whose bits are meant");
    if (!byte_parse(inf_field(line, COLUMN_MASK), mask))
        return inf_refuse(file, line->number, "'%s' is no mask of one byte",
                          inf_field(line, COLUMN_MASK));
    if (!inf_number(inf_field(line, COLUMN_BYTE), &byte) || byte > UINT16_MAX)
        return inf_refuse(file, line->number, "'%s' is no position of a byte",
                          inf_field(line, COLUMN_BYTE));
    operation->action = flags & FLAG_SET_BITS ? INF_SET_BITS : INF_CLEAR_BITS;
    operation->type = NT_REGISTRY_BINARY;
    operation->data = mask;
    operation->size = 1;
    operation->byte = (unsigned)byte;
    return operation_add(plan, operation);
}

/* ---- directives ---- */

/* In the order in which Windows carries them out, wherever they stand in a section. */
static const struct {
    const char *key;
    int (*take)(struct inf_plan *plan, const struct inf_file *file, const struct inf_line *line,
                enum inf_root root);
} directives[] = {{"DelReg", delete_line}, {"AddReg", add_line}, {"BitReg", bits_line}};

static int visit(struct inf_plan *plan, const struct inf_file *file, const struct inf_line *line)
{
    int error = 0;

    if (!line->key || !inf_equal(line->key, directives[plan->pass].key))
        return 0;
    for (unsigned i = 0; i < line->field_count && !error; i++) {
        if (!*line->fields[i])
            continue;
        const struct inf_section *section = inf_plan_count(plan, file, line->number)
                                                ? inf_section_named(file, line, line->fields[i])
                                                : NULL;
        if (!section)
            return -EINVAL;
        for (const struct inf_line *entry = section->lines; entry && !error; entry = entry->next)
            error = directives[plan->pass].take(plan, file, entry, plan->pass_root);
    }
    return error;
}

int inf_registry_plan(struct inf_plan *plan, const struct inf_file *file,
                      const struct inf_section *section, enum inf_root root)
{
    int error = 0;

    plan->pass_root = root;
    for (plan->pass = 0; plan->pass < sizeof(directives) / sizeof(directives[0]) && !error;
         plan->pass++)
        error = inf_section_walk(plan, file, section, visit);
    return error;
}
