/*
 * private.h - what the files of src/hive tell each other.
 */
#ifndef STORHOST_HIVE_PRIVATE_H
#define STORHOST_HIVE_PRIVATE_H

#include "hive/records.h"
#include "nt/registry.h"
#include "sys/sys.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct hive_file {
    struct hive_file *next;
    char *path; /* resolved: a new file takes the place of the link's target */
    int fd;     /* of the file that was read; locked if it is written */
    bool writes, is_mounted;
    char *key;            /* where it is mounted, once it is */
    char control_set[32]; /* of a SYSTEM hive; "" */
    bool waits_for_service;
    struct timespec_of_file {
        int64_t seconds, nanoseconds;
    } modified; /* when it was read */
    struct nt_registry_mount mount;
};

/* ---- the helper (helper_run.c) ---- */

struct helper_record {
    enum hive_record kind;
    const unsigned char *data;
    size_t length;
};

struct helper_run {
    const char *const *words; /* behind its name */
    int fds[3];               /* for HIVE_FD and so on; -1 for what is not needed */
    /* 0 to go on; an error ends the helper and is the result. */
    int (*take)(void *context, const struct helper_record *record, char *reason,
                size_t reason_size);
    void *context;
};
/* Runs it to its end. `path` is for the reason's beginning. */
int helper_run(const struct helper_run *run, const char *path, char *reason, size_t reason_size);

uint32_t hive_number(const unsigned char *bytes);

/* ---- writing (write.c) ---- */

int hive_file_write(struct hive_file *file, char *reason, size_t reason_size);

#endif
