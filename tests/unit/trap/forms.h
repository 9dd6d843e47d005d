/*
 * forms.h - what the test hands to the instructions of forms.c.
 */
#pragma once

/* In the processor's numbering; the stack pointer and r15 are left alone. */
struct form_state {
    unsigned long long registers[16];
    unsigned long long flags;
    unsigned long long reserved;
    unsigned char xmm[6][16];
};

struct form {
    const char *text; /* of the instruction */
    void (*run)(struct form_state *state);
};

/* What DriverEntry fills. */
struct forms {
    const struct form *list;
    unsigned count;
    const struct form *ports;
    unsigned port_count;
    const struct form *faults;
    unsigned fault_count;
    const struct form *systems;
    unsigned system_count;
};
