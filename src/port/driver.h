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
    struct port_driver_record records[PORT_DRIVER_RECORDS_MAX];
    unsigned record_count;
    unsigned adapter_count;
    /* Called before the driver goes, when it has asked for that at the start of its traces. */
    void(NTAPI *trace_cleanup)(void *context);
    void *trace_context;
    char **device_settings; /* for each adapter */
    size_t device_setting_count;
};

#endif
