/*
 * power_setting.h - values of the power policy that drivers want to hear of: those that the machine
 * has from the beginning, and what its user sets (`storhost ctl power setting`).
 */
#ifndef STORHOST_NT_POWER_SETTING_H
#define STORHOST_NT_POWER_SETTING_H

#include "nt/listeners.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Zeroed apart from these three. Caller-owned memory. */
struct nt_power_listener {
    struct nt_listener listener; /* first */
    GUID guid;
    PPOWER_SETTING_CALLBACK routine;
    void *context;
};

/* The routine is called with the setting's value, if it has one, before this returns, and whenever
 * it is set from then on. All PASSIVE_LEVEL. */
void nt_power_setting_listen(struct nt_power_listener *listener);
/* Returns when the routine does not run any more. */
void nt_power_setting_forget(struct nt_power_listener *listener);
/* Keeps a value and tells it to those who listen. 0 or -ENOMEM. */
int nt_power_setting_set(const uint8_t guid[16], const void *value, size_t length);

#ifdef __cplusplus
}
#endif

#endif
