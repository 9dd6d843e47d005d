/*
 * qemu_command_line.c - from a device SPEC and --drive options to QEMU's command line.
 *
 * QEMU's option syntax is `name,key=value,...`, and a comma inside a value is written twice. In a
 * SPEC several devices are separated by `;`, and a semicolon inside a value is written twice.
 */
#include "bus/qemu/qemu_command_line.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- a growing text; an allocation that failed is remembered and told at the end ---- */

struct text {
    char *data;
    size_t size;
    bool failed;
};

static void text_append(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void text_append(struct text *text, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *larger = text->failed ? NULL : realloc(text->data, text->size + (size_t)length + 1);
    if (larger != NULL) {
        vsnprintf(larger + text->size, (size_t)length + 1, format, again);
        text->data = larger;
        text->size += (size_t)length;
    } else {
        text->failed = true;
    }
    va_end(again);
}

static void argument_add_owned(struct qemu_command_line *line, char *argument, bool *failed)
{
    if (argument != NULL && line->argc + 1 >= line->capacity) {
        size_t capacity = line->capacity == 0 ? 64 : 2 * line->capacity;
        char **larger = realloc(line->argv, capacity * sizeof(*larger));
        if (larger != NULL) {
            line->argv = larger;
            line->capacity = capacity;
        } else {
            free(argument);
            argument = NULL;
        }
    }
    if (argument == NULL) {
        *failed = true;
        return;
    }
    line->argv[line->argc++] = argument;
    line->argv[line->argc] = NULL;
}

static void argument_add(struct qemu_command_line *line, const char *argument, bool *failed)
{
    argument_add_owned(line, strdup(argument), failed);
}

static void argument_add_text(struct qemu_command_line *line, struct text *text, bool *failed)
{
    if (text->failed || text->data == NULL) {
        free(text->data);
        *failed = true;
    } else {
        argument_add_owned(line, text->data, failed);
    }
    *text = (struct text){0};
}

/* ---- QEMU's option syntax ---- */

/* One `key=value` or `word` of an option text; the value is as written, commas doubled. */
struct option {
    const char *key;
    size_t key_size;
    const char *value; /* NULL when there is no '=' */
    size_t value_size;
};

/* Takes the next option and moves *text behind it. False at the end. */
static bool option_next(const char **text, struct option *ret_option)
{
    const char *at = *text;
    if (*at == '\0')
        return false;
    const char *end = at;
    while (*end != '\0' && !(end[0] == ',' && end[1] != ','))
        end += end[0] == ',' ? 2 : 1;
    const char *equals = memchr(at, '=', (size_t)(end - at));
    *ret_option = (struct option){
        .key = at,
        .key_size = (size_t)((equals ? equals : end) - at),
        .value = equals ? equals + 1 : NULL,
        .value_size = equals ? (size_t)(end - equals - 1) : 0,
    };
    *text = *end == ',' ? end + 1 : end;
    return true;
}

static bool option_is(const struct option *option, const char *key)
{
    return option->value != NULL && strlen(key) == option->key_size &&
           memcmp(option->key, key, option->key_size) == 0;
}

static bool option_value_is(const struct option *option, const char *value)
{
    return strlen(value) == option->value_size &&
           memcmp(option->value, value, option->value_size) == 0;
}

/* Finds a key; the last one wins, as in QEMU. */
static bool option_find(const char *text, const char *key, struct option *ret_option)
{
    struct option option;
    bool found = false;
    while (option_next(&text, &option)) {
        if (option_is(&option, key)) {
            *ret_option = option;
            found = true;
        }
    }
    return found;
}

static bool option_has(const char *text, const char *key)
{
    struct option option;
    return option_find(text, key, &option);
}

/* ---- drives ---- */

static bool drive_is_cdrom(const char *drive)
{
    struct option option;
    return option_find(drive, "media", &option) && option_value_is(&option, "cdrom");
}

/* A CD-ROM drive without a medium: there is no node. */
static bool drive_is_empty(const char *drive)
{
    return drive_is_cdrom(drive) && !option_has(drive, "file") && !option_has(drive, "driver");
}

/* The name of a drive's topmost node. */
static void drive_node_name(const char *drive, size_t index, char *name, size_t name_size)
{
    struct option option;
    if (option_has(drive, "driver") && option_find(drive, "node-name", &option))
        snprintf(name, name_size, "%.*s", (int)option.value_size, option.value);
    else
        snprintf(name, name_size, "drive%zu", index);
}

/* The cache modes that QEMU's older -drive option knows, as the two switches they stand for. */
static const char *cache_mode_options(const struct option *option)
{
    static const struct {
        const char *mode, *options;
    } modes[] = {
        {"writeback", ""},
        {"none", ",cache.direct=on"},
        {"unsafe", ",cache.no-flush=on"},
    };
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (option_value_is(option, modes[i].mode))
            return modes[i].options;
    }
    return NULL;
}

/* Copies a value and halves its doubled commas. */
static char *value_copy(const struct option *option)
{
    char *copy = malloc(option->value_size + 1);
    if (copy == NULL)
        return NULL;
    size_t used = 0;
    for (size_t i = 0; i < option->value_size; i++) {
        copy[used++] = option->value[i];
        if (option->value[i] == ',')
            i++;
    }
    copy[used] = '\0';
    return copy;
}

/* QEMU opens a block device by another driver than a file. What cannot be looked at is left to
 * QEMU, which says why it cannot be opened. */
static const char *file_driver(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISBLK(status.st_mode) ? "host_device" : "file";
}

/* One option of a `file=` drive goes to the node of the file, to that of the format, or to both.
 * 0 or -EINVAL. */
static int drive_option_place(const struct option *option, struct text *file, struct text *format)
{
    int key_size = (int)option->key_size, value_size = (int)option->value_size;
    if (option_is(option, "file") || option_is(option, "format") || option_is(option, "media"))
        return 0;
    if (option_is(option, "readonly")) {
        text_append(file, ",read-only=%.*s", value_size, option->value);
        text_append(format, ",read-only=%.*s", value_size, option->value);
        return 0;
    }
    if (option_is(option, "cache")) {
        const char *switches = cache_mode_options(option);
        if (switches == NULL)
            return -EINVAL;
        text_append(file, "%s", switches);
        text_append(format, "%s", switches);
        return 0;
    }
    bool file_only = option_is(option, "aio") || option_is(option, "locking");
    bool both = option_is(option, "read-only") || option_is(option, "discard") ||
                (option->key_size > 6 && memcmp(option->key, "cache.", 6) == 0);
    if (file_only || both)
        text_append(file, ",%.*s=%.*s", key_size, option->key, value_size, option->value);
    if (!file_only)
        text_append(format, ",%.*s=%.*s", key_size, option->key, value_size, option->value);
    return 0;
}

static int drive_refused(const char *drive, const char *why, char *reason, size_t reason_size)
{
    snprintf(reason, reason_size, "--drive '%s': %s", drive, why);
    return -EINVAL;
}

/* A drive given as `file=PATH,...`: two nodes, the file and the format above it. */
static int drive_add_file(struct qemu_command_line *line, const char *drive, size_t index,
                          char *reason, size_t reason_size, bool *failed)
{
    struct option path, format_name = {.value = "raw", .value_size = 3};
    if (!option_find(drive, "file", &path) || path.value_size == 0)
        return drive_refused(drive, "no file; write file=PATH or driver=NAME,...", reason,
                             reason_size);
    (void)option_find(drive, "format", &format_name);
    char *path_copy = value_copy(&path);
    if (path_copy == NULL) {
        *failed = true;
        return 0;
    }
    struct text file = {0}, format = {0};
    text_append(&file, "driver=%s,node-name=drive%zu-file,filename=%.*s", file_driver(path_copy),
                index, (int)path.value_size, path.value);
    text_append(&format, "driver=%.*s,node-name=drive%zu,file=drive%zu-file",
                (int)format_name.value_size, format_name.value, index, index);
    free(path_copy);
    if (drive_is_cdrom(drive) && !option_has(drive, "readonly")) {
        text_append(&file, ",read-only=on");
        text_append(&format, ",read-only=on");
    }

    int error = 0;
    struct option option;
    const char *rest = drive;
    while (error == 0 && option_next(&rest, &option)) {
        if (option.value == NULL)
            error = drive_refused(drive, "every option must be KEY=VALUE (a comma is written ,,)",
                                  reason, reason_size);
        else if (drive_option_place(&option, &file, &format) != 0)
            error = drive_refused(drive, "cache must be writeback, none or unsafe", reason,
                                  reason_size);
    }
    argument_add(line, "-blockdev", failed);
    argument_add_text(line, &file, failed);
    argument_add(line, "-blockdev", failed);
    argument_add_text(line, &format, failed);
    return error;
}

/* A drive given as a whole block node: `driver=NAME,...`. */
static void drive_add_node(struct qemu_command_line *line, const char *drive, size_t index,
                           bool *failed)
{
    struct text node = {0};
    struct option option;
    const char *rest = drive;
    while (option_next(&rest, &option)) {
        if (option_is(&option, "media")) /* says what the drive is put into, not what it is */
            continue;
        int size = (int)option.key_size + (option.value ? 1 + (int)option.value_size : 0);
        text_append(&node, "%s%.*s", node.size != 0 ? "," : "", size, option.key);
    }
    if (!option_has(drive, "node-name"))
        text_append(&node, ",node-name=drive%zu", index);
    if (drive_is_cdrom(drive) && !option_has(drive, "read-only"))
        text_append(&node, ",read-only=on");
    argument_add(line, "-blockdev", failed);
    argument_add_text(line, &node, failed);
}

static int drives_add(struct qemu_command_line *line,
                      const struct qemu_command_line_options *options, char *reason,
                      size_t reason_size, bool *failed)
{
    int error = 0;
    for (size_t i = 0; error == 0 && i < options->drive_count; i++) {
        const char *drive = options->drives[i];
        struct option media;
        if (option_find(drive, "media", &media) && !option_value_is(&media, "cdrom") &&
            !option_value_is(&media, "disk"))
            error = drive_refused(drive, "media must be disk or cdrom", reason, reason_size);
        else if (drive_is_empty(drive))
            continue;
        else if (option_has(drive, "driver"))
            drive_add_node(line, drive, i, failed);
        else
            error = drive_add_file(line, drive, i, reason, reason_size, failed);
    }
    return error;
}

/* ---- devices ---- */

/* Takes the next device of a SPEC, its doubled semicolons halved, and moves *spec behind it. NULL
 * when memory is short. */
static char *device_next(const char **spec)
{
    char *device = malloc(strlen(*spec) + 1);
    if (device == NULL)
        return NULL;
    const char *at = *spec;
    size_t used = 0;
    while (*at != '\0' && !(at[0] == ';' && at[1] != ';')) {
        device[used++] = *at;
        at += at[0] == ';' ? 2 : 1;
    }
    device[used] = '\0';
    *spec = *at == ';' ? at + 1 : at;
    return device;
}

/* The first device is the one that is driven. */
static void device_add_first(struct qemu_command_line *line, const char *device,
                             const struct qemu_command_line_options *options, bool drive_wanted,
                             bool *failed)
{
    struct option option;
    struct text text = {0};
    text_append(&text, "%s", device);
    if (option_find(device, "id", &option)) {
        line->device_id = value_copy(&option);
    } else {
        line->device_id = strdup("storhost-device");
        text_append(&text, ",id=storhost-device");
    }
    if (!option_has(device, "addr"))
        text_append(&text, ",addr=%x", QEMU_DEVICE_SLOT);
    if (drive_wanted && options->add_drive && options->drive_count > 0 &&
        !drive_is_empty(options->drives[0])) {
        char node[64];
        drive_node_name(options->drives[0], 0, node, sizeof(node));
        text_append(&text, ",drive=%s", node);
        line->drive_added = true;
    }
    if (line->device_id == NULL)
        *failed = true;
    argument_add(line, "-device", failed);
    argument_add_text(line, &text, failed);
}

/* Puts each drive into a device of its own. Buses take turns; where on a bus is left to QEMU. */
static void disks_add(struct qemu_command_line *line,
                      const struct qemu_command_line_options *options, bool *failed)
{
    for (size_t i = 0; i < options->drive_count; i++) {
        const char *drive = options->drives[i];
        const struct qemu_bus *bus = &options->buses->bus[i % options->buses->count];
        struct text text = {0};
        text_append(&text, "%s,bus=%s", drive_is_cdrom(drive) ? bus->cdrom : bus->disk, bus->name);
        if (!drive_is_empty(drive)) {
            char node[64];
            drive_node_name(drive, i, node, sizeof(node));
            text_append(&text, ",drive=%s", node);
        }
        argument_add(line, "-device", failed);
        argument_add_text(line, &text, failed);
    }
}

static bool any_device_has_drive(const char *spec, bool *failed)
{
    bool found = false;
    while (*spec != '\0' && !*failed) {
        char *device = device_next(&spec);
        if (device == NULL)
            *failed = true;
        else
            found |= option_has(device, "drive");
        free(device);
    }
    return found;
}

static int devices_add(struct qemu_command_line *line,
                       const struct qemu_command_line_options *options, char *reason,
                       size_t reason_size, bool *failed)
{
    bool drive_wanted = !any_device_has_drive(options->arguments, failed);
    const char *spec = options->arguments;
    for (size_t index = 0; (index == 0 || *spec != '\0') && !*failed; index++) {
        char *device = device_next(&spec);
        if (device == NULL) {
            *failed = true;
        } else if (device[0] == '\0' || device[0] == ',') {
            free(device);
            snprintf(reason, reason_size,
                     "device 'qemu:%s': device %zu has no name; write qemu:NAME,PROPERTY=VALUE,...",
                     options->arguments, index + 1);
            return -EINVAL;
        } else if (index == 0) {
            device_add_first(line, device, options, drive_wanted, failed);
        } else {
            argument_add(line, "-device", failed);
            argument_add(line, device, failed);
        }
        free(device);
    }
    bool attach = drive_wanted && options->buses != NULL && options->buses->count > 0;
    if (attach)
        disks_add(line, options, failed);
    line->drives_idle = drive_wanted && options->drive_count > 0 && !line->drive_added && !attach;
    return 0;
}

/* ---- the whole ---- */

static void machine_add(struct qemu_command_line *line,
                        const struct qemu_command_line_options *options, bool *failed)
{
    static const char *const fixed[] = {
        "qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none", "-accel",
        "tcg,tb-size=1",
    };
    /* The timers and legacy devices that are off would add interrupts of their own. */
    static const char machine[] = "q35,memory-backend=storhost-ram,pit=off,hpet=off,i8042=off,"
                                  "smbus=off,sata=off,usb=off,vmport=off";
    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
        argument_add(line, fixed[i], failed);
    struct text text = {0};
    argument_add(line, "-machine", failed);
    text_append(&text, "%s", machine);
    if (options->ram_low_size < options->ram_size)
        text_append(&text, ",max-ram-below-4g=%zuB", options->ram_low_size);
    argument_add_text(line, &text, failed);
    argument_add(line, "-m", failed);
    text_append(&text, "size=%zuB", options->ram_size);
    argument_add_text(line, &text, failed);
    argument_add(line, "-object", failed);
    text_append(&text,
                "memory-backend-file,id=storhost-ram,size=%zuB,mem-path=/proc/self/fd/%d,share=on",
                options->ram_size, QEMU_CHILD_FD_RAM);
    argument_add_text(line, &text, failed);
    argument_add(line, "-bios", failed);
    text_append(&text, "/proc/self/fd/%d", QEMU_CHILD_FD_ROM);
    argument_add_text(line, &text, failed);
}

static void channel_add(struct qemu_command_line *line, const char *id, int fd, bool *failed)
{
    struct text text = {0};
    argument_add(line, "-chardev", failed);
    text_append(&text, "socket,id=%s,fd=%d", id, fd);
    argument_add_text(line, &text, failed);
}

static void channels_add(struct qemu_command_line *line, bool *failed)
{
    channel_add(line, "storhost-qtest", QEMU_CHILD_FD_QTEST, failed);
    argument_add(line, "-object", failed);
    argument_add(line, "qtest,id=storhost-qtest-server,chardev=storhost-qtest,log=none", failed);
    channel_add(line, "storhost-qmp", QEMU_CHILD_FD_QMP, failed);
    argument_add(line, "-mon", failed);
    argument_add(line, "chardev=storhost-qmp,mode=control", failed);
    channel_add(line, "storhost-doorbell", QEMU_CHILD_FD_DOORBELL, failed);
    struct text text = {0};
    argument_add(line, "-device", failed);
    text_append(&text,
                "ivshmem-doorbell,id=storhost-doorbell-device,chardev=storhost-doorbell,"
                "vectors=%d,ioeventfd=off,addr=%x",
                QEMU_DOORBELL_VECTORS_MAX, QEMU_DOORBELL_SLOT);
    argument_add_text(line, &text, failed);
}

int qemu_command_line_build(struct qemu_command_line *ret_command_line,
                            const struct qemu_command_line_options *options, char *reason,
                            size_t reason_size)
{
    struct qemu_command_line line = {0};
    bool failed = false;
    machine_add(&line, options, &failed);
    channels_add(&line, &failed);
    int error = drives_add(&line, options, reason, reason_size, &failed);
    if (error == 0)
        error = devices_add(&line, options, reason, reason_size, &failed);
    if (options->sandbox) {
        argument_add(&line, "-sandbox", &failed);
        argument_add(&line,
                     "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
                     &failed);
    }
    if (error == 0 && failed) {
        snprintf(reason, reason_size, "device 'qemu:%s': not enough memory", options->arguments);
        error = -ENOMEM;
    }
    if (error != 0)
        qemu_command_line_free(&line);
    else
        *ret_command_line = line;
    return error;
}

void qemu_command_line_free(struct qemu_command_line *command_line)
{
    for (size_t i = 0; i < command_line->argc; i++)
        free(command_line->argv[i]);
    free(command_line->argv);
    free(command_line->device_id);
    *command_line = (struct qemu_command_line){0};
}
