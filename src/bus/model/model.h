/*
 * model.h - devices that exist in software only, inside our own process.
 *
 * A model is one row in the table of model.c. It gets the SPEC behind its name and makes a bus
 * device of it.
 */
#ifndef STORHOST_BUS_MODEL_MODEL_H
#define STORHOST_BUS_MODEL_MODEL_H

#include "bus/bus.h"

struct model {
    const char *name;
    /* `arguments` is what follows "model:NAME,", "" if nothing does. PASSIVE_LEVEL. 0 or a negative
     * errno, then with options->reason filled. */
    int (*open)(struct bus_device **ret_device, const char *arguments,
                const struct bus_open_options *options);
};

/* A PCI function of any identity that answers nothing: absent.c. */
extern const struct model model_absent;
/* The scratch PCI function: scratch.c. */
extern const struct model model_scratch;

#endif
