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

    GROUP_ZERO = 0, /* GroupAffinityAllGroupZero */

    PRIORITY_LOW = 1,
    PRIORITY_HIGH = 3,

    PATH_BYTES = PORT_KEY_BYTES + 64,
};

struct wishes {
    bool has_supported, has_limit;
    uint32_t supported, limit;
    bool has_group_policy;
    uint32_t policy, priority, group_policy;
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
    wishes.has_group_policy = !nt_registry_get_dword(key, "GroupPolicy", &wishes.group_policy);
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

/* By the policy of its key, or else as its installation leaves it, a device interrupts group 0
 * alone: its driver may know no other. */
static struct nt_processor_set allowed_processors(const struct port_adapter *adapter,
                                                  const struct wishes *wishes)
{
    bool group_zero =
        wishes->has_group_policy ? wishes->group_policy == GROUP_ZERO : adapter->installed;
    struct nt_processor_set set = {{0}};

    for (unsigned i = 0; i < nt_processor_count(); i++)
        if (!group_zero || nt_topology()->places[i].group == 0)
            nt_set_add(&set, i);
    return set;
}

/* Of a device of whose node nothing is known, or whose node has none of them: all. */
static struct nt_processor_set close_processors(const struct port_adapter *adapter,
                                                const struct nt_processor_set *allowed)
{
    struct nt_processor_set close = {{0}};

    if (adapter->node >= 0)
        close = nt_node_processors((unsigned)adapter->node);
    close = nt_set_common(&close, allowed);
    return nt_set_count(&close) ? close : *allowed;
}

static struct nt_processor_set processors_of(const struct port_grant *grant, unsigned policy,
                                             unsigned group, uint64_t set)
{
    struct nt_processor_set specified = nt_set_of_affinity(group, set);

    if (policy == POLICY_ONE_CLOSE || policy == POLICY_ALL_CLOSE)
        return grant->close;
    if (policy == POLICY_SPECIFIED && nt_set_count(&specified))
        return specified;
    return grant->allowed;
}

/* The first that is near to the device, if one of the set is. */
static unsigned first_of(const struct port_grant *grant, const struct nt_processor_set *set)
{
    struct nt_processor_set near = nt_set_common(&grant->close, set);

    for (unsigned n = 0; nt_set_count(&near) && n < nt_set_count(set); n++)
        if (nt_set_has(&near, nt_set_nth(set, n)))
            return n;
    return 0;
}

/* Message 0 and message 1 share the first processor of the set, the others follow one each: a
 * driver that keeps message 0 for itself finds the rest aimed at the processors in order. The order
 * begins near to the device. Messages of MSI have one address, and so one processor. */
void port_grant_aim(struct port_grant *grant, unsigned message, unsigned policy, unsigned group,
                    uint64_t set)
{
    struct nt_processor_set processors = processors_of(grant, policy, group, set);
    unsigned n = message && grant->kind == BUS_INTERRUPT_MSIX ? message - 1 : 0;

    if (policy == POLICY_ONE_CLOSE)
        n = 0;
    grant->processors[message] = (uint8_t)nt_set_nth(&processors, first_of(grant, &processors) + n);
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
    grant->allowed = allowed_processors(adapter, &wishes);
    grant->close = close_processors(adapter, &grant->allowed);
    if (grant->policy == POLICY_SPECIFIED && !(grant->set & nt_group_affinity(0)))
        port_adapter_log(adapter,
                         "AssignmentSetOverride names no processor that there is: interrupts go to "
                         "all");
    for (unsigned i = 0; i < grant->count; i++)
        port_grant_aim(grant, i, grant->policy, 0, grant->set);
}
