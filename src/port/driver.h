/*
 * driver.h - a loaded driver.
 */
#ifndef STORHOST_PORT_DRIVER_H
#define STORHOST_PORT_DRIVER_H

#include "image/image.h"
#include "port/adapter.h"
#include <wdm.h>

enum { PORT_DRIVER_RECORDS_MAX = 16 };

struct port_driver_record {
    const struct port_model *model;
    enum port_interface interface;
    const void *record;
};

struct port_driver {
    char *path, *service;
    char key[128]; /* "Services\\name" */
    struct image *image;
    DRIVER_OBJECT *object;
    UNICODE_STRING registry_path;
    uint16_t registry_path_text[256];
    uint16_t name_text[128]; /* "\\Driver\\name", whose end is also the name of the service key */
    struct port_dump *dump;  /* it is a private copy that writes a dump; NULL: an ordinary driver */
    struct port_driver_record records[PORT_DRIVER_RECORDS_MAX];
    unsigned record_count;
    unsigned adapter_count;
    /* Called before the driver goes, when it has asked for that at the start of its traces. */
    void(NTAPI *trace_cleanup)(void *context);
    void *trace_context;
    bool crashed;           /* an adapter of it has: it ends without a callback */
    char **device_settings; /* for each adapter */
    size_t device_setting_count;
};

/* PASSIVE_LEVEL. A private copy of a loaded driver's image, with `prefix` before its service name;
 * its DriverEntry has not run. What image_load returns. */
int port_driver_copy(struct port_driver **ret_copy, const struct port_driver *driver,
                     const char *prefix, char *reason, size_t reason_size);
/* Any IRQL. DriverEntry of a copy, with both arguments NULL. As port_driver_load. */
int port_driver_enter_copy(struct port_driver *copy, char *reason, size_t reason_size);
/* PASSIVE_LEVEL. Nothing of the copy runs any more; no DriverUnload. */
void port_driver_discard(struct port_driver *copy);

/* What a driver may have left behind registers where it is kept. Called at PASSIVE_LEVEL after
 * DriverUnload, or a DriverEntry that failed, while the image is still there: it takes back what
 * belongs to the driver, and reports it. */
typedef void (*port_leftover)(const struct port_driver *driver);
#define PORT_LEFTOVER(routine_)                                                                    \
    static const port_leftover port_leftover_##routine_                                            \
        __attribute__((section("port_leftovers"), used)) = routine_

#endif
