/*
 * write.c - what was noted of changes, into a new file that takes the old one's place.
 *
 * Rule: at each moment, also if the process or the machine under it dies, the name is that of a
 * whole hive, the old or the new one.
 */
#include "hive/private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- changes as records ---- */

static void number_write(FILE *out, size_t number)
{
    for (unsigned i = 0; i < 4; i++)
        fputc((int)(number >> 8 * i & 0xFF), out);
}

static void head_write(FILE *out, enum hive_record kind, size_t length)
{
    fputc((int)kind, out);
    number_write(out, length);
}

/* The key as it is called from the root of the hive. */
static void names_write(FILE *out, const struct hive_file *file, const char *key, const char *name)
{
    const char *rest = key + strlen(file->key);
    size_t set_length = strlen(file->control_set);

    rest += *rest == '\\';
    bool joined = set_length != 0 && *rest != '\0';
    number_write(out, set_length + joined + strlen(rest));
    number_write(out, strlen(name));
    fprintf(out, "%s%s%s%s", file->control_set, joined ? "\\" : "", rest, name);
}

static size_t names_size(const struct hive_file *file, const char *key, const char *name)
{
    const char *rest = key + strlen(file->key);
    size_t set_length = strlen(file->control_set);

    rest += *rest == '\\';
    return 8 + set_length + (set_length != 0 && *rest != '\0') + strlen(rest) + strlen(name);
}

static int value_write(FILE *out, const struct hive_file *file,
                       const struct nt_registry_change *change)
{
    size_t names = names_size(file, change->key, change->name), length;
    uint32_t type;
    void *data;
    int error = nt_registry_copy(change->key, change->name, &type, &data, &length);

    if (error == -ENOENT) {
        head_write(out, HIVE_RECORD_DELETE_VALUE, names);
        names_write(out, file, change->key, change->name);
        return 0;
    }
    if (error != 0)
        return error;
    head_write(out, HIVE_RECORD_SET_VALUE, 4 + names + length);
    number_write(out, type);
    names_write(out, file, change->key, change->name);
    fwrite(data, 1, length, out);
    free(data);
    return 0;
}

static int change_write(FILE *out, const struct hive_file *file,
                        const struct nt_registry_change *change)
{
    if (change->kind == NT_REGISTRY_VALUE)
        return value_write(out, file, change);
    if (change->kind == NT_REGISTRY_KEY && !nt_registry_key_exists(change->key))
        return 0;
    head_write(out, change->kind == NT_REGISTRY_KEY ? HIVE_RECORD_MAKE_KEY : HIVE_RECORD_DELETE_KEY,
               names_size(file, change->key, ""));
    names_write(out, file, change->key, "");
    return 0;
}

/* A descriptor to all of them, or a negative errno. */
static int changes_write(const struct hive_file *file, const struct nt_registry_change *changes)
{
    int fd = memfd_create("registry changes", MFD_CLOEXEC), copy, error = 0;

    if (fd < 0)
        return -errno;
    copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    FILE *out = copy >= 0 ? fdopen(copy, "w") : NULL;
    if (out == NULL) {
        error = -errno;
        if (copy >= 0)
            close(copy);
        close(fd);
        return error;
    }
    for (; changes != NULL && error == 0; changes = changes->next)
        error = change_write(out, file, changes);
    if (fclose(out) != 0 && error == 0)
        error = -errno;
    if (error == 0)
        return fd;
    close(fd);
    return error;
}

/* ---- the new file ---- */

struct replacement {
    char path[PATH_MAX];
    int fd;
};

static int replacement_create(struct replacement *new, const struct hive_file *file)
{
    struct stat status;

    if (fstat(file->fd, &status) != 0)
        return -errno;
    if (snprintf(new->path, sizeof(new->path), "%s.XXXXXX", file->path) >= (int)sizeof(new->path))
        return -ENAMETOOLONG;
    new->fd = mkostemp(new->path, O_CLOEXEC);
    if (new->fd < 0)
        return -errno;
    /* Only root may give a file away; everybody else owns the old one or shares it by its mode. */
    (void)!fchown(new->fd, status.st_uid, status.st_gid);
    if (fchmod(new->fd, status.st_mode & 07777) == 0 && flock(new->fd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    int error = -errno;
    close(new->fd);
    unlink(new->path);
    return error;
}

/* The lock goes with the new file: it is held before the name is. */
static int replacement_commit(struct replacement *new, struct hive_file *file)
{
    char folder[PATH_MAX];
    struct stat status;

    if (fsync(new->fd) != 0 || fstat(new->fd, &status) != 0 || rename(new->path, file->path) != 0)
        return -errno;
    close(file->fd);
    file->fd = new->fd;
    file->modified = (struct timespec_of_file){status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
    snprintf(folder, sizeof(folder), "%s", file->path);
    *(strrchr(folder, '/') + 1) = '\0';
    int folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder_fd >= 0) {
        (void)fsync(folder_fd);
        close(folder_fd);
    }
    return 0;
}

static bool has_changed(const struct hive_file *file)
{
    struct stat ours, there;

    return fstat(file->fd, &ours) != 0 || stat(file->path, &there) != 0 ||
           ours.st_dev != there.st_dev || ours.st_ino != there.st_ino ||
           there.st_mtim.tv_sec != file->modified.seconds ||
           there.st_mtim.tv_nsec != file->modified.nanoseconds;
}

static int take_nothing(void *context, const struct helper_record *record, char *reason,
                        size_t reason_size)
{
    (void)context;
    (void)record;
    (void)reason;
    (void)reason_size;
    return -EPROTO;
}

static int file_replace(struct hive_file *file, int changes_fd, char *reason, size_t reason_size)
{
    const char *const words[] = {"write", NULL};
    struct replacement new = {.fd = -1};

    int error = replacement_create(&new, file);
    if (error != 0)
        return error;
    const struct helper_run run = {
        .words = words,
        .fds = {file->fd, changes_fd, new.fd},
        .take = take_nothing,
    };
    error = helper_run(&run, file->path, reason, reason_size);
    if (error == 0)
        error = replacement_commit(&new, file);
    if (error != 0) {
        close(new.fd);
        unlink(new.path);
    }
    return error;
}

static int changes_apply(struct hive_file *file, const struct nt_registry_change *changes,
                         char *reason, size_t reason_size)
{
    if (has_changed(file)) {
        snprintf(reason, reason_size,
                 "registry hive %s: somebody else has changed it since it was read: what drivers "
                 "changed is not written",
                 file->path);
        return -ESTALE;
    }
    int fd = changes_write(file, changes);
    if (fd < 0)
        return fd;
    int error = file_replace(file, fd, reason, reason_size);
    close(fd);
    return error;
}

int hive_file_write(struct hive_file *file, char *reason, size_t reason_size)
{
    struct nt_registry_change *changes = nt_registry_mount_take(&file->mount);

    *reason = '\0';
    if (changes == NULL)
        return 0;
    int error = changes_apply(file, changes, reason, reason_size);
    if (error != 0) {
        if (*reason == '\0')
            snprintf(reason, reason_size, "registry hive %s: it cannot be written: %s", file->path,
                     strerror(-error));
        nt_registry_mount_put_back(&file->mount, changes);
        return error;
    }
    while (changes != NULL) {
        struct nt_registry_change *change = changes;
        changes = change->next;
        free(change);
    }
    return 0;
}
