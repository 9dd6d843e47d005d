/*
 * hive.h - Windows registry hives as files: their values in the machine's registry, and what
 * drivers change back in the file.
 *
 * A program of ours, storhost-hive, reads and writes them with libhivex (helper/). Everything here
 * at PASSIVE_LEVEL and may block. What returns int gives 0 or a negative errno with one line for
 * people in `reason`.
 */
#ifndef STORHOST_HIVE_HIVE_H
#define STORHOST_HIVE_HIVE_H

#include <stddef.h>

/* "[KEY=]FILE[,write]". A SYSTEM hive: its current control set becomes the tree. With a KEY, the
 * file's root becomes that key of the control set. A service's key without one waits for
 * hive_take_service. With `,write` the file is locked against other writers from here on. */
int hive_open(const char *specification, char *reason, size_t reason_size);
/* Hives that wait become the key of this service. */
int hive_take_service(const char *service, char *reason, size_t reason_size);
/* What drivers have changed goes into the files that were opened for it. All of a file's changes
 * or, after an error, none; they can be tried again. */
int hive_flush(char *reason, size_t reason_size);
/* Forgets all files. A line tells of changes that were not written. */
void hive_close_all(void);

#endif
