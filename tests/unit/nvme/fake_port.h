/*
 * The part of Storport that the NVMe driver uses, around the model controller, on one thread.
 *
 * Rule: it is a strict port. Interrupts, DPCs and timers run only when the test says so; a routine
 * called from a callback that may not call it, a lock that the callback may not take or does not
 * give back, and a request that is completed twice are failed tests.
 */
#pragma once

#include "fake_controller.h"

#include <srbhelper.h>

#include <stdbool.h>

enum {
    PORT_CDB_MAX = 16,
    PORT_SENSE_BYTES = 32,
};

/* How the machine looks to the driver; set before port_start. */
struct port_options {
    unsigned messages; /* 0: a line interrupt */
    unsigned processors;
    bool has_channels;
    bool no_dma_memory;       /* StorPortAllocateDmaMemory is not implemented */
    bool scsi_requests;       /* what the port hands over when the driver does not say otherwise */
    unsigned fail_allocation; /* the Nth allocation fails; 0: none */
    struct port_setting {
        const char *name;
        uint32_t value;
    } settings[4];
};

struct port_request {
    union {
        SCSI_REQUEST_BLOCK scsi;
        SCSI_PNP_REQUEST_BLOCK pnp;
        STORAGE_REQUEST_BLOCK storage;
        uint8_t bytes[512];
    } srb;
    uint8_t *extension; /* of the size that the driver asked for, filled with rubbish */
    uint8_t *data;      /* the data buffer, page aligned plus data_offset */
    uint32_t data_size;
    uint8_t sense[PORT_SENSE_BYTES];
    STOR_SCATTER_GATHER_LIST *list;
    bool is_outstanding;
    bool is_completed;
    unsigned starts; /* StartIo calls */
    void *memory[3]; /* to free */
    struct port_request *next;
};

/* What the port saw; reset by port_load. */
struct port_record {
    unsigned bus_changes;
    unsigned resets_detected;
    unsigned pauses, resumes;
    unsigned log_entries;
    uint32_t last_log; /* UniqueId */
    unsigned completions;
    unsigned stalls_us;
};

extern struct controller port_controller;
extern struct port_options port_options;
extern struct port_record port_record;
extern PORT_CONFIGURATION_INFORMATION port_config;
extern void *port_extension; /* the device extension */

/* Loads the module, runs DriverEntry; everything of the run before is gone. */
void port_load(const char *module_path);
void port_unload(void);
/* FindAdapter, HwInitialize, PassiveInitialize; the result of the one that ended it. */
uint32_t port_find(void);   /* SP_RETURN_... */
bool port_initialize(void); /* HwInitialize and PassiveInitialize */
/* All of it with success, and then what is pending. */
void port_start(void);

/* Runs interrupts and DPCs until none is pending. */
void port_run(void);
/* Lets `ticks` times 10 ms pass: fires the timer when it is armed, and runs what follows. */
void port_pass(unsigned ticks);
bool port_timer_armed(void);
/* Sends an interrupt that no device asked for. */
void port_spurious_interrupt(unsigned vector);
/* Calls the line interrupt routine; its answer. */
bool port_line_interrupt(void);

/* The next allocation or mapping fails. */
void port_fail_next_allocation(void);
bool port_reset_bus(void);
int port_control(SCSI_ADAPTER_CONTROL_TYPE type, void *parameters);

/* Makes a request of SRB function `function` for a unit, with `size` bytes of data at an offset in
 * a page. Freed by port_free. */
struct port_request *port_make(unsigned function, unsigned lun, uint32_t size, uint32_t offset);
void port_set_cdb(struct port_request *request, const void *cdb, size_t length);
/* Replaces the list of the request by one with the given elements. */
void port_set_list(struct port_request *request, const STOR_SCATTER_GATHER_ELEMENT *elements,
                   unsigned count);
/* BuildIo and StartIo on a channel, without running anything else. */
void port_submit(struct port_request *request, unsigned channel);
void port_free(struct port_request *request);

/* Submits on channel 0, runs to the end, and requires a completion. */
void port_do(struct port_request *request);
uint8_t port_status(const struct port_request *request); /* SrbStatus */
uint8_t port_scsi_status(struct port_request *request);
uint32_t port_length(struct port_request *request);
/* Key, ASC and ASCQ as 0xKKAAQQ; 0 without valid sense data. */
uint32_t port_sense(struct port_request *request);

/* A whole SCSI command: makes, does, returns. */
struct port_request *port_scsi(unsigned lun, const void *cdb, size_t length, uint32_t size);
