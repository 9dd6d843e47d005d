/*
 * grant.c - which interrupts an adapter is granted, and where they are aimed: as Windows decides it
 * from the device's capabilities and the registry of its hardware key (Interrupt Management).
 *
 * A device that was installed, or whose key says anything of messages, gets what Windows would give
 * it. A module alone has no installation, so it gets the best that the device has: what an
 * installation would give it that asks for messages and sets no limit.
 */
#include "nt/registry.h"
#include "port/driver.h"

#include <stdio.h>
#include <string.h>

enum {
    MSI_COUNT_MAX = 16, /* of the older kind no more are allocated */

    POLICY_MACHINE_DEFAULT = 0,
    POLICY_ALL_CLOSE = 1,
    POLICY_ONE_CLOSE = 2,
    POLICY_ALL = 3,
    POLICY_SPECIFIED = 4,
    POLICY_SPREAD = 5,
    POLICY_ALL_WHEN_STEERED = 6,

    PRIORITY_LOW = 1,
    PRIORITY_HIGH = 3,

    PATH_BYTES = PORT_KEY_BYTES + 64,
};

struct wishes {
    bool has_supported, has_limit;
    uint32_t supported, limit;
    uint32_t policy, priority;
    uint64_t set;
};

/* A mask as REG_BINARY of up to 8 bytes, REG_DWORD or REG_QWORD. 0: there is none. */
static uint64_t read_mask(const char *key, const char *name)
{
    uint64_t mask = 0;
    size_t size = sizeof(mask);
    uint32_t type;

    if (nt_registry_get(key, name, &type, &mask, &size) ||
        (type != NT_REGISTRY_BINARY && type != NT_REGISTRY_DWORD && type != NT_REGISTRY_QWORD))
        return 0;
    return mask;
}

static void wishes_read(const struct port_adapter *adapter, struct wishes *ret_wishes)
{
    char device[PORT_KEY_BYTES], key[PATH_BYTES];
    struct wishes wishes = {.policy = POLICY_MACHINE_DEFAULT};

    port_adapter_device_key(adapter, device, sizeof(device));
    snprintf(key, sizeof(key), "%s\\Interrupt Management\\MessageSignaledInterruptProperties",
             device);
    wishes.has_supported = !nt_registry_get_dword(key, "MSISupported", &wishes.supported);
    wishes.has_limit =
        !nt_registry_get_dword(key, "MessageNumberLimit", &wishes.limit) && wishes.limit;
    snprintf(key, sizeof(key), "%s\\Interrupt Management\\Affinity Policy", device);
    (void)nt_registry_get_dword(key, "DevicePolicy", &wishes.policy);
    (void)nt_registry_get_dword(key, "DevicePriority", &wishes.priority);
    wishes.set = read_mask(key, "AssignmentSetOverride");
    *ret_wishes = wishes;
}

/* ---- how many of which kind ---- */

/* What the user asks for comes before the registry. */
static bool wants_messages(const struct port_adapter *adapter, const struct wishes *wishes)
{
    if (adapter->interrupt_preference != PORT_INTERRUPT_BEST)
        return adapter->interrupt_preference != PORT_INTERRUPT_LINE;
    return wishes->has_supported ? wishes->supported : !adapter->installed;
}

static unsigned lower(unsigned one, unsigned other)
{
    return one < other ? one : other;
}

static unsigned messages_at_most(const struct port_adapter *adapter, const struct wishes *wishes)
{
    unsigned limit = PORT_MESSAGES_MAX;

    if (wishes->has_limit)
        limit = lower(limit, wishes->limit);
    return adapter->message_limit ? lower(limit, adapter->message_limit) : limit;
}

static unsigned power_of_two_up_to(unsigned count)
{
    return 1u << (31 - (unsigned)__builtin_clz(count));
}

static void choose_kind(const struct port_adapter *adapter, const struct wishes *wishes,
                        struct port_grant *grant)
{
    enum port_interrupt_preference preference = adapter->interrupt_preference;
    unsigned limit = messages_at_most(adapter, wishes);
    struct bus_interrupt_counts counts;

    adapter->device->ops->interrupt_counts(adapter->device, &counts);
    bool messages = wants_messages(adapter, wishes);
    if (messages && counts.msix && preference != PORT_INTERRUPT_MSI) {
        grant->kind = BUS_INTERRUPT_MSIX;
        grant->count = lower(counts.msix, limit);
    } else if (messages && counts.msi && preference != PORT_INTERRUPT_MSIX) {
        grant->kind = BUS_INTERRUPT_MSI;
        grant->count = power_of_two_up_to(lower(lower(counts.msi, MSI_COUNT_MAX), limit));
    } else {
        grant->kind = BUS_INTERRUPT_LINE;
        grant->count = counts.line;
    }
}

/* ---- where they are aimed ---- */

static uint64_t all_processors(void)
{
    return UINT64_MAX >> (64 - nt_processor_count());
}

static uint64_t processors_of(unsigned policy, uint64_t set)
{
    if (policy == POLICY_ONE_CLOSE)
        return 1;
    if (policy == POLICY_SPECIFIED && set & all_processors())
        return set & all_processors();
    return all_processors();
}

static unsigned nth_processor(uint64_t set, unsigned n)
{
    for (n %= (unsigned)__builtin_popcountll(set); n; n--)
        set &= set - 1;
    return (unsigned)__builtin_ctzll(set);
}

/* Message 0 and message 1 share the first processor of the set, the others follow one each: a
 * driver that keeps message 0 for itself finds the rest aimed at the processors in order. Messages
 * of MSI have one address, and so one processor. */
void port_grant_aim(struct port_grant *grant, unsigned message, unsigned policy, uint64_t set)
{
    unsigned n = message && grant->kind == BUS_INTERRUPT_MSIX ? message - 1 : 0;

    grant->processors[message] = (uint8_t)nth_processor(processors_of(policy, set), n);
    grant->exact[message] =
        policy == POLICY_ONE_CLOSE || policy == POLICY_SPECIFIED || policy == POLICY_SPREAD;
}

static uint8_t irql_of(uint32_t priority)
{
    if (priority == PRIORITY_LOW)
        return NT_DEVICE_LEVEL - 1;
    return priority == PRIORITY_HIGH ? NT_DEVICE_LEVEL + 1 : NT_DEVICE_LEVEL;
}

void port_grant_interrupts(struct port_adapter *adapter)
{
    struct port_grant *grant = &adapter->grant;
    struct wishes wishes;

    memset(grant, 0, sizeof(*grant));
    if (!adapter->device)
        return;
    wishes_read(adapter, &wishes);
    choose_kind(adapter, &wishes, grant);
    grant->by_registry = wishes.has_supported && wishes.supported;
    grant->irql = irql_of(wishes.priority);
    grant->policy = (uint8_t)(wishes.policy <= POLICY_ALL_WHEN_STEERED ? wishes.policy
                                                                       : POLICY_MACHINE_DEFAULT);
    grant->set = wishes.set;
    if (grant->policy == POLICY_SPECIFIED && !(grant->set & all_processors()))
        port_adapter_log(adapter,
                         "AssignmentSetOverride names no processor that there is: interrupts go to "
                         "all");
    for (unsigned i = 0; i < grant->count; i++)
        port_grant_aim(grant, i, grant->policy, grant->set);
}
