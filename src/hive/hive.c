/*
 * hive.c - which hives there are, and what they hold into the registry.
 */
#include "hive/hive.h"
#include "hive/private.h"

#include "nt/print.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY_PATH_BYTES_MAX = 16384 };

static struct {
    struct sys_mutex mutex; /* of the list; held while files are read and written */
    struct hive_file *files;
} hives;

/* ---- what is in the file ---- */

struct import {
    char path[KEY_PATH_BYTES_MAX];
    size_t length;
    size_t depth_lengths[HIVE_DEPTH_MAX];
    unsigned depth;
    uint32_t omitted;
};

static int key_enter(struct import *import, const struct helper_record *record)
{
    size_t separator = import->length != 0;

    if (import->depth == HIVE_DEPTH_MAX || record->length == 0 ||
        memchr(record->data, '\\', record->length) != NULL ||
        memchr(record->data, '\0', record->length) != NULL)
        return -EPROTO;
    if (record->length >= sizeof(import->path) - import->length - separator)
        return -ENAMETOOLONG;
    import->depth_lengths[import->depth++] = import->length;
    if (separator)
        import->path[import->length] = '\\';
    memcpy(import->path + import->length + separator, record->data, record->length);
    import->length += separator + record->length;
    import->path[import->length] = '\0';
    return nt_registry_create_key(import->path);
}

static int key_leave(struct import *import)
{
    if (import->depth == 0)
        return -EPROTO;
    import->length = import->depth_lengths[--import->depth];
    import->path[import->length] = '\0';
    return 0;
}

static int value_take(const struct import *import, const struct helper_record *record)
{
    enum { HEAD = 8 };

    if (record->length < HEAD)
        return -EPROTO;
    uint32_t name_length = hive_number(record->data + 4);
    if (name_length > record->length - HEAD)
        return -EPROTO;
    char *name = strndup((const char *)record->data + HEAD, name_length);
    if (name == NULL)
        return -ENOMEM;
    int error =
        nt_registry_set(import->path, name, hive_number(record->data),
                        record->data + HEAD + name_length, record->length - HEAD - name_length);
    free(name);
    return error;
}

static int content_take(void *context, const struct helper_record *record, char *reason,
                        size_t reason_size)
{
    struct import *import = context;

    (void)reason;
    (void)reason_size;
    switch (record->kind) {
    case HIVE_RECORD_KEY:
        return key_enter(import, record);
    case HIVE_RECORD_KEY_END:
        return key_leave(import);
    case HIVE_RECORD_VALUE:
        return value_take(import, record);
    case HIVE_RECORD_OMITTED:
        import->omitted = record->length == 4 ? hive_number(record->data) : 0;
        return 0;
    default:
        return -EPROTO;
    }
}

/* The file becomes the key and what is below it. */
static int file_mount(struct hive_file *file, const char *key, char *reason, size_t reason_size)
{
    struct import *import = calloc(1, sizeof(*import));
    const char *const whole[] = {"read", NULL};
    const char *const current[] = {"read-set", file->control_set, NULL};
    struct helper_run run = {
        .words = file->control_set[0] != '\0' ? current : whole,
        .fds = {file->fd, -1, -1},
        .take = content_take,
        .context = import,
    };

    file->key = strdup(key);
    if (import == NULL || file->key == NULL || strlen(key) >= sizeof(import->path)) {
        free(import);
        return -ENOMEM;
    }
    import->length = strlen(key);
    memcpy(import->path, key, import->length + 1);
    int error = nt_registry_create_key(key);
    if (error == 0)
        error = helper_run(&run, file->path, reason, reason_size);
    if (error == 0) {
        if (import->omitted != 0)
            nt_print("registry hive %s: %u keys and values have names that are no text and are "
                     "left out",
                     file->path, import->omitted);
        file->mount.key = file->key;
        nt_registry_mount_add(&file->mount);
        file->is_mounted = true;
    }
    free(import);
    return error;
}

/* ---- what kind of file it is ---- */

static int kind_take(void *context, const struct helper_record *record, char *reason,
                     size_t reason_size)
{
    struct hive_file *file = context;

    switch (record->kind) {
    case HIVE_RECORD_DIRTY:
        if (!file->writes) {
            nt_print("registry hive %s: it was not closed by who wrote it last; what only its log "
                     "holds is missing",
                     file->path);
            return 0;
        }
        snprintf(reason, reason_size,
                 "registry hive %s: it was not closed by who wrote it last, so it is not written: "
                 "give it without ,write, or a copy that was",
                 file->path);
        return -EINVAL;
    case HIVE_RECORD_SYSTEM:
        if (file->key == NULL)
            snprintf(file->control_set, sizeof(file->control_set), "%.*s", (int)record->length,
                     (const char *)record->data);
        return 0;
    case HIVE_RECORD_SERVICE:
        file->waits_for_service = file->key == NULL;
        return 0;
    case HIVE_RECORD_OTHER:
        if (file->key != NULL)
            return 0;
        snprintf(reason, reason_size,
                 "registry hive %s: it is neither a SYSTEM hive nor a service's key: say where it "
                 "belongs, as in 'Services\\nvme=%s'",
                 file->path, file->path);
        return -EINVAL;
    default:
        return -EPROTO;
    }
}

static int kind_find(struct hive_file *file, char *reason, size_t reason_size)
{
    const char *const words[] = {"kind", NULL};
    const struct helper_run run = {
        .words = words,
        .fds = {file->fd, -1, -1},
        .take = kind_take,
        .context = file,
    };

    return helper_run(&run, file->path, reason, reason_size);
}

/* ---- the file ---- */

static void file_free(struct hive_file *file)
{
    if (file->fd >= 0)
        close(file->fd); /* and the lock is gone */
    free(file->path);
    free(file->key);
    free(file);
}

/* "KEY=" is one only before the first slash: files with such names have a folder before them. */
static int specification_parse(struct hive_file *file, const char *specification, char *reason,
                               size_t reason_size)
{
    static const char suffix[] = ",write";
    size_t length = strlen(specification), key_length = strcspn(specification, "=/");
    const char *name = specification;
    char resolved[PATH_MAX];

    if (length >= sizeof(suffix) - 1 &&
        strcmp(specification + length - (sizeof(suffix) - 1), suffix) == 0) {
        file->writes = true;
        length -= sizeof(suffix) - 1;
    }
    if (key_length < length && specification[key_length] == '=') {
        file->key = strndup(specification, key_length);
        name += key_length + 1;
        length -= key_length + 1;
    }
    char *copy = strndup(name, length);
    bool found = copy != NULL && realpath(copy, resolved) != NULL;
    int error = copy != NULL ? errno : ENOMEM;
    free(copy);
    if (!found) {
        snprintf(reason, reason_size, "registry hive %.*s: %s: give [KEY=]FILE[,write]",
                 (int)length, name, strerror(error));
        return -ENOENT;
    }
    file->path = strdup(resolved);
    return file->path != NULL ? 0 : -ENOMEM;
}

/* The lock is of a file, not of a name: between opening and locking another writer may have put a
 * new file in its place. */
static bool is_still_there(const struct hive_file *file)
{
    struct stat ours, there;

    return fstat(file->fd, &ours) == 0 && stat(file->path, &there) == 0 &&
           ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

static int file_open(struct hive_file *file, char *reason, size_t reason_size)
{
    struct stat status;

    file->fd = open(file->path, (file->writes ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK);
    if (file->fd < 0 || fstat(file->fd, &status) != 0) {
        int error = errno;
        snprintf(reason, reason_size, "registry hive %s: %s", file->path, strerror(error));
        return -error;
    }
    if (!S_ISREG(status.st_mode)) {
        snprintf(reason, reason_size, "registry hive %s: it is no file", file->path);
        return -EINVAL;
    }
    if (file->writes && (flock(file->fd, LOCK_EX | LOCK_NB) != 0 || !is_still_there(file))) {
        snprintf(reason, reason_size,
                 "registry hive %s: another storhost writes to it: give it without ,write, or a "
                 "copy",
                 file->path);
        return -EBUSY;
    }
    file->modified = (struct timespec_of_file){status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
    return 0;
}

static int file_take(struct hive_file *file, const char *specification, char *reason,
                     size_t reason_size)
{
    int error = specification_parse(file, specification, reason, reason_size);
    if (error == 0)
        error = file_open(file, reason, reason_size);
    if (error == 0)
        error = kind_find(file, reason, reason_size);
    if (error != 0 || file->waits_for_service)
        return error;
    char *key = file->key != NULL ? file->key : strdup("");
    file->key = NULL;
    error = key != NULL ? file_mount(file, key, reason, reason_size) : -ENOMEM;
    if (error == -EINVAL && *reason == '\0')
        snprintf(reason, reason_size,
                 "registry hive %s: '%s' is no key: give one as in "
                 "Services\\nvme",
                 file->path, key);
    free(key);
    return error;
}

/* ---- all files ---- */

int hive_open(const char *specification, char *reason, size_t reason_size)
{
    struct hive_file *file = calloc(1, sizeof(*file));

    *reason = '\0';
    if (file == NULL)
        return -ENOMEM;
    file->fd = -1;
    sys_mutex_lock(&hives.mutex);
    int error = file_take(file, specification, reason, reason_size);
    if (error == 0) {
        struct hive_file **end = &hives.files;
        while (*end != NULL)
            end = &(*end)->next;
        *end = file;
    }
    sys_mutex_unlock(&hives.mutex);
    if (error != 0)
        file_free(file);
    return error;
}

int hive_take_service(const char *service, char *reason, size_t reason_size)
{
    char key[512];
    int error = 0;

    *reason = '\0';
    snprintf(key, sizeof(key), "Services\\%s", service);
    sys_mutex_lock(&hives.mutex);
    for (struct hive_file *file = hives.files; file != NULL && error == 0; file = file->next) {
        if (!file->waits_for_service)
            continue;
        error = file_mount(file, key, reason, reason_size);
        file->waits_for_service = error != 0;
    }
    sys_mutex_unlock(&hives.mutex);
    return error;
}

int hive_flush(char *reason, size_t reason_size)
{
    char another[512];
    int error = 0;

    *reason = '\0';
    sys_mutex_lock(&hives.mutex);
    for (struct hive_file *file = hives.files; file != NULL; file = file->next) {
        if (!file->is_mounted || !file->writes)
            continue;
        int result = error == 0 ? hive_file_write(file, reason, reason_size)
                                : hive_file_write(file, another, sizeof(another));
        if (error == 0)
            error = result;
    }
    sys_mutex_unlock(&hives.mutex);
    return error;
}

static void tell_of_losses(struct hive_file *file)
{
    unsigned count = 0;
    struct nt_registry_change *changes = nt_registry_mount_take(&file->mount);

    for (struct nt_registry_change *change = changes; change != NULL; change = change->next)
        count++;
    nt_registry_mount_put_back(&file->mount, changes);
    if (count != 0)
        nt_print(file->writes
                     ? "registry hive %s: %u changes could not be written and are lost"
                     : "registry hive %s: %u changes are dropped; ,write behind its name keeps "
                       "them",
                 file->path, count);
}

void hive_close_all(void)
{
    sys_mutex_lock(&hives.mutex);
    while (hives.files != NULL) {
        struct hive_file *file = hives.files;
        hives.files = file->next;
        if (file->is_mounted) {
            tell_of_losses(file);
            nt_registry_mount_remove(&file->mount);
        }
        file_free(file);
    }
    sys_mutex_unlock(&hives.mutex);
}
